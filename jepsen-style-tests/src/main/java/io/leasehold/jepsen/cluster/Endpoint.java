package io.leasehold.jepsen.cluster;

/** An address that something listens on. */
public record Endpoint(String host, int port) {
  @Override
  public String toString() {
    return host + ":" + port;
  }

  String url() {
    return "http://" + this;
  }
}
