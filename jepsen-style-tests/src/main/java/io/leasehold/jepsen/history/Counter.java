package io.leasehold.jepsen.history;

/** How often something happened inside a member or the harness, as counted at the end. */
public record Counter(String name, String node, long value) implements Entry {}
