package io.leasehold.client.internal.grpc;

import io.leasehold.client.CallInterruptedException;
import io.leasehold.client.LeaseholdException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;

/** Hands the ends of calls to users. */
final class Answers {
  private Answers() {}

  /** Waits for a call, which ends by itself within its time. */
  static <A> A await(CompletableFuture<A> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LeaseholdException failure) {
        // Shows the caller's line as well as where the call failed.
        failure.addSuppressed(new Throwable("called from"));
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Lets a call end on an executor, where what depends on it may block. */
  static <A> CompletableFuture<A> on(Executor executor, CompletableFuture<A> raw) {
    CompletableFuture<A> handed = new CompletableFuture<>();
    var unused =
        raw.whenCompleteAsync(
            (answer, failure) -> {
              boolean unusedFirst =
                  failure == null
                      ? handed.complete(answer)
                      : handed.completeExceptionally(unwrapped(failure));
            },
            executor);
    return handed;
  }

  private static Throwable unwrapped(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure instanceof java.util.concurrent.CompletionException && cause != null
        ? cause
        : failure;
  }
}
