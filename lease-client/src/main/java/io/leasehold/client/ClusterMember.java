package io.leasehold.client;

import java.util.List;

/**
 * A member of the cluster.
 *
 * @param id never 0; printed in hexadecimal
 * @param name as it calls itself; empty until it was started once
 * @param peerUrls where other members reach it
 * @param clientUrls where clients do
 * @param isLearner whether it has no vote yet
 */
public record ClusterMember(
    long id, String name, List<String> peerUrls, List<String> clientUrls, boolean isLearner) {
  public ClusterMember {
    peerUrls = List.copyOf(peerUrls);
    clientUrls = List.copyOf(clientUrls);
  }
}
