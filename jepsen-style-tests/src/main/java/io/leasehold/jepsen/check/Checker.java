package io.leasehold.jepsen.check;

/** Judges one property. */
interface Checker {
  Verdict check(Evidence evidence, RunParameters parameters);
}
