package io.leasehold.jepsen.cluster;

/** The cluster could not be brought to do what was asked: the machine's fault, or the members'. */
public final class ClusterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ClusterException(String message) {
    super(message);
  }

  public ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
