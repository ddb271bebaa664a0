package io.leasehold.bench.scenario;

import io.leasehold.bench.load.Load;
import io.leasehold.bench.report.Table;
import java.io.PrintStream;
import java.util.Locale;

/** Says on a terminal what goes on, in one line that is written over; elsewhere it is silent. */
public final class Progress {
  private static final String CLEAR = "\r\u001b[K";

  private final PrintStream out;
  private final boolean isTerminal;
  private final String prefix;

  public Progress(PrintStream out, boolean isTerminal) {
    this(out, isTerminal, "");
  }

  private Progress(PrintStream out, boolean isTerminal, String prefix) {
    this.out = out;
    this.isTerminal = isTerminal;
    this.prefix = prefix;
  }

  /** Returns one whose lines begin with what goes on. */
  public Progress of(String what) {
    return new Progress(out, isTerminal, prefix.isEmpty() ? what : prefix + ", " + what);
  }

  Load.Progress about(String what) {
    return (seconds, perSecond) ->
        say(String.format(Locale.ROOT, "%s: %.0f s, %s/s", what, seconds, Table.number(perSecond)));
  }

  /** Says what happens now. */
  public void say(String what) {
    if (isTerminal) {
      out.print(CLEAR + prefix + ": " + what);
      out.flush();
    }
  }

  /** Makes room for something that stays. */
  public void clear() {
    if (isTerminal) {
      out.print(CLEAR);
      out.flush();
    }
  }
}
