package io.leasehold.raft;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;

/**
 * Numbers that name a cluster and its members: hashes of what the members were told, so that all
 * find the same, at every start.
 */
final class ClusterIds {
  private ClusterIds() {}

  static long cluster(RaftMemberConfig config) {
    StringBuilder text = new StringBuilder(config.clusterToken());
    for (Map.Entry<String, PeerAddress> member : config.initialCluster().entrySet()) {
      text.append('\n').append(member.getKey()).append('=').append(member.getValue());
    }
    return hash(text.toString());
  }

  static long member(RaftMemberConfig config, String name) {
    return hash(config.clusterToken() + '\n' + name + '=' + config.initialCluster().get(name));
  }

  private static long hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      long id = ByteBuffer.wrap(digest).getLong();
      return id == 0 ? 1 : id;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
