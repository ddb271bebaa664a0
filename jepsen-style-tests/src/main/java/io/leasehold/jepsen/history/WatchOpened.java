package io.leasehold.jepsen.history;

/**
 * A watch was created.
 *
 * @param stream unique in the run; a watch that is resumed is another stream
 * @param startRevision as asked for; 0 for what comes after its creation
 * @param createdRevision of the header of the answer that said so
 * @param canonical whether it watches all keys, unfiltered, to record what happened
 * @param atNanos when that answer came
 */
public record WatchOpened(
    long stream,
    String node,
    KeyRange range,
    long startRevision,
    long createdRevision,
    boolean previous,
    boolean noPuts,
    boolean noDeletes,
    boolean canonical,
    long atNanos)
    implements Entry {

  /** The first revision of which this stream tells. */
  public long firstRevision() {
    return startRevision > 0 ? startRevision : createdRevision + 1;
  }

  public boolean wants(Event event) {
    return range.contains(event.key()) && !(event.type() == Event.Type.PUT ? noPuts : noDeletes);
  }
}
