package io.leasehold.core.key;

/** What became of a transaction. */
public sealed interface TxnAnswer {

  /** It ran. */
  record Ran(TxnResult result) implements TxnAnswer {}

  /** It was refused; nothing of it took effect. */
  record Refused(KeyRefusal why) implements TxnAnswer {}
}
