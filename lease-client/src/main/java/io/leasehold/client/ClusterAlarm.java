package io.leasehold.client;

/**
 * Something that a member wants somebody to look at.
 *
 * @param memberId whose alarm it is
 */
public record ClusterAlarm(long memberId, Kind kind) {
  /** What is the matter. */
  public enum Kind {
    /** Its storage is full: it takes no writes that make it fuller. */
    NO_SPACE,

    /** What it stores differs from what others do. */
    CORRUPT,

    /** Something this client does not know of. */
    OTHER
  }
}
