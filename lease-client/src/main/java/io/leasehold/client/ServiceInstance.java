package io.leasehold.client;

/**
 * One instance of a service, as it registered itself.
 *
 * @param service the service's name
 * @param id the instance's ID, of its own choice
 * @param value what callers are to know, such as an address
 */
public record ServiceInstance(String service, String id, String value) {}
