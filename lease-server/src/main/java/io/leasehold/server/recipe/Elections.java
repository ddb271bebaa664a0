package io.leasehold.server.recipe;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyValue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Questions about elections. */
public final class Elections {
  private Elections() {}

  /**
   * Who leads.
   *
   * @param revision the revision at which it was so
   * @param leader the leader's key, or null when nobody leads
   */
  public record Found(long revision, @Nullable KeyValue leader) {}

  /** Returns who leads the election of a name. */
  public static CompletableFuture<Found> leader(KeyAccess keys, Bytes name) {
    Line line = Line.named(name);
    return keys.read(view -> new Found(view.revision(), line.first(view, view.revision())));
  }
}
