package io.leasehold.jepsen.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where the sources, and what was built of them, lie. */
public final class Repository {
  private static final String MARK = "scripts/jdk.sh";

  private Repository() {}

  /** Returns the root: as told by the property {@code leasehold.root}, else found from here up. */
  public static Path root() {
    String told = System.getProperty("leasehold.root");
    if (told != null) {
      return Path.of(told).toAbsolutePath().normalize();
    }
    for (@Nullable Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.exists(at.resolve(MARK))) {
        return at;
      }
    }
    throw new ClusterException(
        "no Leasehold in " + Path.of("").toAbsolutePath() + " or above; run it in the repository");
  }
}
