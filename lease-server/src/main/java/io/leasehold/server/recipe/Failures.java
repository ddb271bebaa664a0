package io.leasehold.server.recipe;

import java.util.concurrent.CompletionException;

/** What a stage of a computation failed with, without the wrapping. */
public final class Failures {
  private Failures() {}

  public static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
