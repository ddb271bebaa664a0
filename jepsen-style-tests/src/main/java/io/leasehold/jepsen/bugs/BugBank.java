package io.leasehold.jepsen.bugs;

import io.leasehold.jepsen.cluster.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The bugs there are: a file for each. */
public final class BugBank {
  private static final String DIRECTORY = "jepsen-style-tests/src/main/bugs";

  private BugBank() {}

  /** Returns all bugs, sorted by name. */
  public static List<Bug> all() throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(Repository.root().resolve(DIRECTORY))) {
      files = listed.filter(file -> file.toString().endsWith(Bug.SUFFIX)).sorted().toList();
    }
    List<Bug> bugs = new ArrayList<>();
    for (Path file : files) {
      bugs.add(Bug.read(file));
    }
    return bugs;
  }

  /**
   * Returns the bug of a name.
   *
   * @throws IllegalArgumentException with the names that there are, if there is none
   */
  public static Bug of(String name) throws IOException {
    List<Bug> all = all();
    return all.stream()
        .filter(bug -> bug.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "bug "
                        + name
                        + ": choose one of "
                        + all.stream().map(Bug::name).collect(Collectors.joining(", "))));
  }
}
