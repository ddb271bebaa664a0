package io.leasehold.raft;

/**
 * Where a member's peer port is.
 *
 * @param host name or address; names are resolved anew for each connection, so that a member may
 *     move
 */
public record PeerAddress(String host, int port) {
  public PeerAddress {
    if (host.isBlank()) {
      throw new IllegalArgumentException("a peer address needs a host");
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " of " + host + " is not in 1..65535");
    }
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
