package io.leasehold.cli.lock;

import java.time.Duration;

/** What a command runs under. Any thread; asked again and again. */
public interface Hold {
  /** Returns for how long it is certainly held yet if no renewal succeeds; zero if it is lost. */
  Duration remaining();
}
