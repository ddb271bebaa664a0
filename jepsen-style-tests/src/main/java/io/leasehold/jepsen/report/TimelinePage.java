package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Result;
import java.util.ArrayList;
import java.util.List;

/** Every client's operations over time; of a large run, those around faults and violations. */
final class TimelinePage {
  private final History history;
  private final Proofs proofs;
  private final Windows windows;
  private final long longestNanos;

  private TimelinePage(StoredRun run) {
    this.history = run.history();
    this.proofs = run.proofs();
    this.windows = Windows.of(history, proofs);
    this.longestNanos =
        history.ops().stream()
            .mapToLong(op -> op.returnedNanos() - op.invokedNanos())
            .max()
            .orElse(0);
  }

  static Markup of(StoredRun run) {
    return new TimelinePage(run).page(run.name());
  }

  private Markup page(String name) {
    Markup body = new Markup();
    body.element("h1", "Timeline of " + name);
    body.open("nav").element("a", "Report", "href", Report.REPORT);
    if (!proofs.violations().isEmpty()) {
      body.element("a", "Violations", "href", "#violations");
    }
    body.element("a", "Windows", "href", "#windows").close("nav");
    body.element(
        "p",
        "Each bar is one operation, from when the client sent it until it was answered or given up."
            + " Point at one to read request and answer. A row holds one client, or several that came"
            + " one after the other; a client that does not know an outcome goes on under a new number.");
    body.add(
        Page.legend(
            Palette.of(Result.OK),
            "ok: executed and answered",
            Palette.of(Result.FAIL),
            "fail: certainly not executed",
            Palette.of(Result.INFO),
            "info: nobody knows",
            Palette.PROOF,
            "outlined: proves a violation, numbered"));
    body.add(FaultBands.legend(history));
    overview(body);
    violations(body);
    body.element("h2", "Windows", "id", "windows");
    if (windows.each().isEmpty()) {
      body.element("p", "No fault and no violation: there is nothing to show.", "class", "quiet");
    }
    for (TimeWindow window : windows.each()) {
      window(body, window);
    }
    return Page.of("Timeline of " + name, body);
  }

  private void overview(Markup body) {
    body.element("h2", "Overview");
    String shown =
        windows.whole()
            ? "All of the run is shown below, in "
                + Quantities.count(windows.each().size(), "window")
                + "."
            : "The run has "
                + Quantities.count(history.ops().size(), "operation")
                + ", too many to draw. Shown below are "
                + Quantities.count(windows.each().size(), "window")
                + ": around violations, and where faults begin and end"
                + (windows.faultsShown() < history.faults().size()
                    ? ", of the first "
                        + windows.faultsShown()
                        + " of "
                        + Quantities.count(history.faults().size(), "fault")
                    : "")
                + ".";
    body.element("p", shown + " The dark bar marks the windows; click on one.", "class", "quiet");
    body.add(Overview.of(history, proofs, windows));
  }

  private void violations(Markup body) {
    if (proofs.violations().isEmpty()) {
      return;
    }
    body.element("h2", "Violations", "id", "violations");
    for (Proofs.Numbered numbered : proofs.violations()) {
      body.add(ProofTable.of(numbered, this::places));
    }
  }

  private Markup places(Entry line) {
    Markup links = new Markup();
    List<TimeWindow> showing = windows.showing(line);
    if (!showing.isEmpty()) {
      TimeWindow first = showing.get(0);
      links.element("a", "window " + first.number(), "href", "#" + first.anchor());
    }
    return links;
  }

  private void window(Markup body, TimeWindow window) {
    body.element(
        "h3",
        "Window "
            + window.number()
            + ": "
            + Quantities.time(window.fromNanos())
            + " to "
            + Quantities.time(window.toNanos()),
        "id",
        window.anchor());
    List<Op> ops = ops(window);
    Lanes lanes = Lanes.of(ops, proofs, windows.opsMax());
    String reasons = reasons(window);
    String count = Quantities.count(ops.size(), "operation");
    body.element(
        "p",
        (reasons.isEmpty() ? "" : reasons + ". ")
            + (lanes.left() == 0
                ? count + "."
                : count
                    + ", of which "
                    + Quantities.number(ops.size() - lanes.left())
                    + " are drawn: first those that prove something, then those about the same leases and keys,"
                    + " then the clients that met errors."),
        "class",
        "quiet");
    body.add(WindowPicture.of(history, proofs, window, lanes));
  }

  /** What happens in a window. */
  private String reasons(TimeWindow window) {
    List<String> reasons = new ArrayList<>();
    for (FaultWindow fault : history.faults()) {
      if (fault.overlaps(window.fromNanos(), window.toNanos())) {
        reasons.add(Phrases.fault(fault));
      }
    }
    for (Proofs.Numbered numbered : proofs.violations()) {
      boolean isHere =
          numbered.violation().proof().stream()
              .anyMatch(line -> Spans.of(line).filter(window::shows).isPresent());
      if (isHere) {
        reasons.add("violation " + numbered.number());
      }
    }
    int most = 6;
    return reasons.size() <= most
        ? String.join(", ", reasons)
        : String.join(", ", reasons.subList(0, most)) + " and " + (reasons.size() - most) + " more";
  }

  private List<Op> ops(TimeWindow window) {
    List<Op> all = history.ops();
    List<Op> shown = new ArrayList<>();
    // None that was sent before this can still be under way.
    for (int i = firstSentFrom(window.fromNanos() - longestNanos);
        i < all.size() && all.get(i).invokedNanos() <= window.toNanos();
        i++) {
      if (all.get(i).returnedNanos() >= window.fromNanos()) {
        shown.add(all.get(i));
      }
    }
    return shown;
  }

  private int firstSentFrom(long nanos) {
    int low = 0;
    int high = history.ops().size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (history.ops().get(middle).invokedNanos() < nanos) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
