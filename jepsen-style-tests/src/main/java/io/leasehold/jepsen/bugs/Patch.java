package io.leasehold.jepsen.bugs;

import java.util.ArrayList;
import java.util.List;

/**
 * A unified diff. Places are found by their text alone, which must be there exactly once, so that
 * lines that come and go elsewhere in a file do no harm.
 */
record Patch(List<FileChange> files) {
  private static final String OLD_FILE = "--- ";
  private static final String NEW_FILE = "+++ ";
  private static final String HUNK = "@@ ";

  Patch {
    files = List.copyOf(files);
  }

  /** The changes of one file, which is named from the repository's root. */
  record FileChange(String file, List<Hunk> hunks) {
    FileChange {
      hunks = List.copyOf(hunks);
    }

    /**
     * Returns the changed source.
     *
     * @throws StaleBugException if there is no one place for a change
     */
    String applyTo(String source) {
      String changed = source;
      for (Hunk hunk : hunks) {
        int at = changed.indexOf(hunk.before());
        if (at < 0) {
          throw new StaleBugException(file + " does not contain\n" + hunk.before());
        }
        if (changed.indexOf(hunk.before(), at + 1) >= 0) {
          throw new StaleBugException(file + " contains more than once\n" + hunk.before());
        }
        changed =
            changed.substring(0, at)
                + hunk.after()
                + changed.substring(at + hunk.before().length());
      }
      return changed;
    }
  }

  /** Whole lines, before and after. */
  record Hunk(String before, String after) {}

  /**
   * Reads a diff.
   *
   * @throws IllegalArgumentException with the line that has no place in one
   */
  static Patch parse(List<String> lines) {
    List<FileChange> files = new ArrayList<>();
    for (int i = 0; i < lines.size(); ) {
      String old = lines.get(i);
      boolean isFile =
          old.startsWith(OLD_FILE) && i + 1 < lines.size() && lines.get(i + 1).startsWith(NEW_FILE);
      if (!isFile) {
        throw new IllegalArgumentException("no change of a file begins with \"" + old + "\"");
      }
      int end = i + 2;
      while (end < lines.size() && !lines.get(end).startsWith(OLD_FILE)) {
        end++;
      }
      files.add(
          new FileChange(
              old.substring(OLD_FILE.length()).strip(), hunks(lines.subList(i + 2, end))));
      i = end;
    }
    return new Patch(files);
  }

  private static List<Hunk> hunks(List<String> lines) {
    List<Hunk> hunks = new ArrayList<>();
    StringBuilder before = new StringBuilder();
    StringBuilder after = new StringBuilder();
    for (String line : lines) {
      if (line.startsWith(HUNK)) {
        addTo(hunks, before, after);
        continue;
      }
      // Editors take the blank away that stands for an empty line.
      char kind = line.isEmpty() ? ' ' : line.charAt(0);
      String text = line.isEmpty() ? "\n" : line.substring(1) + "\n";
      switch (kind) {
        case ' ' -> {
          before.append(text);
          after.append(text);
        }
        case '-' -> before.append(text);
        case '+' -> after.append(text);
        default -> throw new IllegalArgumentException("no line of a change: \"" + line + "\"");
      }
    }
    addTo(hunks, before, after);
    return hunks;
  }

  private static void addTo(List<Hunk> hunks, StringBuilder before, StringBuilder after) {
    if (!before.isEmpty()) {
      hunks.add(new Hunk(before.toString(), after.toString()));
    }
    before.setLength(0);
    after.setLength(0);
  }
}
