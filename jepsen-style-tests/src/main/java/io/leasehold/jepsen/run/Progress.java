package io.leasehold.jepsen.run;

import java.io.PrintStream;
import java.util.function.Supplier;

/**
 * Shows how a run goes on: a line that is written over once a second on a terminal, a line every
 * ten seconds elsewhere.
 */
final class Progress implements AutoCloseable {
  /** Set by the command, who sees whether anybody looks. */
  private static final String TERMINAL = "jepsen.terminal";

  private static final long INTERVAL_MILLIS = 1000;
  private static final int INTERVALS_WITHOUT_TERMINAL = 10;
  private static final int COLUMNS = 118;
  private static final long END_MILLIS_MAX = 2000;

  private final PrintStream out;
  private final Supplier<String> line;
  private final boolean isTerminal = Boolean.getBoolean(TERMINAL);
  private final Thread thread = new Thread(this::show, "progress");

  Progress(PrintStream out, Supplier<String> line) {
    this.out = out;
    this.line = line;
    thread.setDaemon(true);
    thread.start();
  }

  private void show() {
    try {
      for (int i = 1; true; i++) {
        Thread.sleep(INTERVAL_MILLIS);
        if (isTerminal) {
          out.print("\r" + padded(line.get()));
          out.flush();
        } else if (i % INTERVALS_WITHOUT_TERMINAL == 0) {
          out.println("  " + line.get());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Prints a line that stays. */
  synchronized void note(String text) {
    out.println(isTerminal ? "\r" + padded(text) : text);
  }

  private static String padded(String text) {
    String cut = text.length() > COLUMNS ? text.substring(0, COLUMNS) : text;
    return cut + " ".repeat(COLUMNS - cut.length());
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(END_MILLIS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (isTerminal) {
      out.print("\r" + padded("") + "\r");
    }
  }
}
