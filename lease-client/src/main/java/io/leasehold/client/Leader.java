package io.leasehold.client;

/**
 * Who leads an election.
 *
 * @param value what the candidate wanted others to be told
 * @param fencingToken larger for every later leader
 */
public record Leader(String value, long fencingToken) {}
