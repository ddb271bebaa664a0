package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.regex.Pattern;

/**
 * LOG: no member writes what a program that is in order never writes, unless a fault asked for it.
 * One thread.
 */
public final class MemberLogs {
  static final String PROPERTY = "LOG";
  private static final int LINE_MAX = 300;
  private static final Pattern NOTHING = Pattern.compile("(?!)");

  /** What must not be there. */
  private enum Sign {
    OUT_OF_MEMORY("ran out of memory", "OutOfMemoryError|\\b[Oo]ut of memory\\b"),
    CRASH("crashed", "A fatal error has been detected by the Java Runtime|^#\\s+SIG[A-Z]+"),
    PANIC("gave up", "^panic:|^goroutine \\d+ \\[|\"level\":\"(panic|fatal)\""),
    UNCAUGHT("let an exception pass", "^Exception in thread |Uncaught exception"),
    CORRUPTION("found its data damaged", "\\b[Cc]orrupt(ion|ed)?\\b(?! LogStorage)", "FLIP"),
    // The engine says so of a log that could not be written, whatever the reason.
    STATE_ERROR(
        "has a log that failed",
        "\\bSTATE_ERROR\\b|\\bCorrupted LogStorage\\b",
        "FLIP",
        "DISK_FULL",
        "FAILING_DISK",
        "POWER_CUT"),
    NOT_PRELOADED("runs without what was to change its clock or disk", "cannot be preloaded"),
    STACK_TRACE("printed where it was in its code", "^\\s+at [\\w.$/@<>-]+\\([^()]*\\)");

    private final String words;
    private final Pattern pattern;

    /** How the kinds of faults begin that explain it. */
    private final Pattern excuses;

    Sign(String words, String pattern, String... excuses) {
      this.words = words;
      this.pattern = Pattern.compile(pattern);
      this.excuses = excuses.length == 0 ? NOTHING : Pattern.compile(String.join("|", excuses));
    }

    private boolean isExcused(FaultWindow fault) {
      return excuses.matcher(fault.kind()).lookingAt();
    }
  }

  private final History history;
  private final Findings findings = new Findings(PROPERTY);
  private long lines;

  public MemberLogs(History history) {
    this.history = history;
  }

  /** Reads what one member wrote. */
  public void read(String member, BufferedReader log) throws IOException {
    String previous = "";
    boolean wasTrace = false;
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      lines++;
      boolean isTrace = Sign.STACK_TRACE.pattern.matcher(line).find();
      // Of a stack trace the line before it says what happened.
      if (isTrace && !wasTrace) {
        found(member, Sign.STACK_TRACE, previous + " " + line.strip());
      } else if (!isTrace) {
        for (Sign sign : Sign.values()) {
          if (sign != Sign.STACK_TRACE && sign.pattern.matcher(line).find()) {
            found(member, sign, line);
          }
        }
      }
      wasTrace = isTrace;
      previous = line;
    }
  }

  private void found(String member, Sign sign, String line) {
    if (history.faults().stream().anyMatch(sign::isExcused)) {
      findings.count("lines that a fault explains");
    } else {
      findings.violated(
          member
              + " "
              + sign.words
              + ": "
              + (line.length() > LINE_MAX ? line.substring(0, LINE_MAX) + " …" : line));
    }
  }

  public Verdict verdict() {
    findings.figure("lines", lines);
    return lines == 0
        ? Verdict.notApplicable(PROPERTY, "no member wrote anything")
        : findings.verdict();
  }
}
