package io.leasehold.jepsen.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Makes pages for people of what a run stored. */
public final class Report {
  /** Verdict, plots, plan and counters. */
  public static final String REPORT = "report.html";

  /** Every client's operations over time. */
  public static final String TIMELINE = "timeline.html";

  private Report() {}

  /**
   * Writes both pages into the run's directory, over those that are there.
   *
   * @throws IOException if the history is missing, a file is damaged, or a page cannot be written
   */
  public static void write(Path runDirectory) throws IOException {
    StoredRun run = StoredRun.read(runDirectory);
    replace(runDirectory.resolve(TIMELINE), TimelinePage.of(run));
    replace(runDirectory.resolve(REPORT), ReportPage.of(run));
  }

  /** Whoever looks at a page sees the old one or the new one, and no half. */
  private static void replace(Path page, Markup markup) throws IOException {
    Path unfinished = page.resolveSibling(page.getFileName() + ".unfinished");
    Files.writeString(unfinished, markup.toString(), StandardCharsets.UTF_8);
    Files.move(
        unfinished, page, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
