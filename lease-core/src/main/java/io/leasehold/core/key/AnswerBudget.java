package io.leasehold.core.key;

/** Bounds the memory that answers take. An implementation says which threads may use it. */
public interface AnswerBudget {
  /** Bytes that a key takes in memory beyond its name and its value, with what points to it. */
  int KEY_OVERHEAD_BYTES = 256;

  /** A budget that is never spent. */
  AnswerBudget UNBOUNDED =
      new AnswerBudget() {
        @Override
        public boolean take(long bytes) {
          return true;
        }

        @Override
        public void giveBack(long bytes) {}
      };

  /** Takes room for so many bytes; returns false when there is none, and then takes nothing. */
  boolean take(long bytes);

  /** Gives back what was taken and is needed no longer. */
  void giveBack(long bytes);

  /** Returns what a key takes in memory, roughly, with its value as far as it is there. */
  static long sizeOf(KeyValue keyValue) {
    return KEY_OVERHEAD_BYTES + keyValue.key().length() + (long) keyValue.value().length();
  }
}
