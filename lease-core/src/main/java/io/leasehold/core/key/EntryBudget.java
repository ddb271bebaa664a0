package io.leasehold.core.key;

/**
 * Bounds what the transactions of one log entry may read, change and answer. Every member spends it
 * in the same way, so all refuse the same ones: an entry that needed more memory than a member has
 * would end each of them, and again each time it is applied anew. Used by the apply thread.
 */
final class EntryBudget implements AnswerBudget {
  /** Bytes for one entry: an eighth of the heap that a member is given by default. */
  static final long BYTES = 64L << 20;

  private long spent;

  /** Begins the next entry. */
  void startOver() {
    spent = 0;
  }

  /** Returns the bytes that were taken in this entry so far. */
  long spent() {
    return spent;
  }

  /** Puts back to what {@link #spent} was before a transaction that was refused. */
  void revert(long spentBefore) {
    spent = spentBefore;
  }

  @Override
  public boolean take(long bytes) {
    if (spent + bytes > BYTES) {
      return false;
    }
    spent += bytes;
    return true;
  }

  @Override
  public void giveBack(long bytes) {
    spent -= bytes;
  }
}
