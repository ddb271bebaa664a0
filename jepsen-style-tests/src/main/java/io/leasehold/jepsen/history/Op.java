package io.leasehold.jepsen.history;

import org.jspecify.annotations.Nullable;

/**
 * One finished operation: what was asked, when, and what came of it.
 *
 * @param process the client; one whose operation ended as {@link Result#INFO} never uses its number
 *     again
 * @param node the member that was asked
 * @param answer there exactly if the result is {@link Result#OK}
 * @param revision of the answer's header, 0 without one
 * @param term the header's Raft term, 0 without one
 * @param error the status and text of what was refused or broke, else empty
 */
public record Op(
    long process,
    String node,
    Request request,
    Result result,
    @Nullable Answer answer,
    long revision,
    long term,
    long invokedNanos,
    long returnedNanos,
    String error)
    implements Entry {
  private static final String LEASE_NOT_FOUND = "requested lease not found";

  public Op {
    if (returnedNanos < invokedNanos) {
      throw new IllegalArgumentException(
          "returned at " + returnedNanos + ", before it was invoked at " + invokedNanos);
    }
    if ((result == Result.OK) != (answer != null)) {
      throw new IllegalArgumentException("an answer comes with OK and only then: " + request);
    }
  }

  /** An operation that was answered. */
  public static Op ok(
      long process,
      String node,
      Request request,
      Answer answer,
      long revision,
      long term,
      long invokedNanos,
      long returnedNanos) {
    return new Op(
        process, node, request, Result.OK, answer, revision, term, invokedNanos, returnedNanos, "");
  }

  /** An operation that was refused, or whose outcome is unknown. */
  public static Op unanswered(
      long process,
      String node,
      Request request,
      Result result,
      String error,
      long invokedNanos,
      long returnedNanos) {
    return new Op(process, node, request, result, null, 0, 0, invokedNanos, returnedNanos, error);
  }

  public boolean isOk() {
    return result == Result.OK;
  }

  /** Whether it was or may have been executed. */
  public boolean mayHaveHappened() {
    return result != Result.FAIL;
  }

  /** Whether the cluster refused it because the lease is not there. */
  public boolean refusedForWantOfItsLease() {
    return result == Result.FAIL && error.contains(LEASE_NOT_FOUND);
  }

  /** The answer, if it is of this kind. */
  public <A extends Answer> @Nullable A answered(Class<A> kind) {
    return kind.isInstance(answer) ? kind.cast(answer) : null;
  }
}
