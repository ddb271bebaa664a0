package io.leasehold.raft.member;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Changes who may vote. Only the leader can; one change at a time. Does not block; the callback
 * hears null on success, else why not.
 */
public interface VoterChanges {
  /** Takes a member out of the voters. */
  void removeVoter(String name, Consumer<@Nullable String> done);

  /** Lets a member catch up and then vote. */
  void addVoter(String name, Consumer<@Nullable String> done);
}
