package io.leasehold.client;

/** What is done to keys, by itself or as a part of a {@link Txn}. */
public sealed interface Operation {
  /** In which order keys are read. */
  enum Order {
    /** As the bytes of the keys are ordered. */
    KEY,
    /** By when they came to be. */
    OLDEST_FIRST,
    /** By when they came to be, backwards. */
    NEWEST_FIRST
  }

  /**
   * Reads keys.
   *
   * @param limit how many at most, after sorting; 0 for all
   * @param revision as of which revision; 0 for now
   * @param order by key, or by when they came to be
   * @param createdBefore only keys that came to be before this revision; 0 for all
   * @param isSerializable answered by the member alone that is asked, which may lag behind
   */
  record Read(
      KeyRange range,
      long limit,
      long revision,
      Order order,
      long createdBefore,
      boolean isSerializable)
      implements Operation {
    /** Reads all keys of a range as they are now, in order. */
    public static Read of(KeyRange range) {
      return new Read(range, 0, 0, Order.KEY, 0, false);
    }

    /** Returns this read for so many keys at most; 0 for all. */
    public Read limit(long most) {
      return new Read(range, most, revision, order, createdBefore, isSerializable);
    }

    /** Returns this read of the keys as they were at a revision; 0 for now. */
    public Read atRevision(long of) {
      return new Read(range, limit, of, order, createdBefore, isSerializable);
    }

    /** Returns this read in another order. */
    public Read order(Order by) {
      return new Read(range, limit, revision, by, createdBefore, isSerializable);
    }

    /** Returns this read of keys alone that came to be before a revision; 0 for all. */
    public Read createdBefore(long than) {
      return new Read(range, limit, revision, order, than, isSerializable);
    }

    /** Returns this read for the member alone that is asked, which may lag behind. */
    public Read serializable() {
      return new Read(range, limit, revision, order, createdBefore, true);
    }
  }

  /**
   * Writes a key.
   *
   * @param leaseId the lease it is to hang on, or 0
   */
  record Put(Bytes key, Bytes value, long leaseId) implements Operation {}

  /** Deletes keys. */
  record Delete(KeyRange range) implements Operation {}
}
