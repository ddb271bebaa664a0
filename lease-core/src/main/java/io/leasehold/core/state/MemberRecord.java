package io.leasehold.core.state;

import java.util.List;

/**
 * What the cluster knows of a member.
 *
 * @param name the member's name
 * @param identity identity of the data directory that may act under that name
 * @param clientUrls where its clients reach it
 */
public record MemberRecord(String name, String identity, List<String> clientUrls) {
  public MemberRecord {
    clientUrls = List.copyOf(clientUrls);
  }
}
