package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.client.Client;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.time.Duration;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** One client that acts, on a thread of its own, and whose every operation is recorded. */
final class Player {
  private final Stage stage;
  private final Client client;
  private final Random random;

  Player(Stage stage, Client client, Random random) {
    this.stage = stage;
    this.client = client;
    this.random = random;
  }

  Stage stage() {
    return stage;
  }

  Random random() {
    return random;
  }

  Op call(Request request) {
    return stage.record(client.call(request));
  }

  Op call(Request request, Duration deadline) {
    return stage.record(client.call(request, deadline));
  }

  /** Returns the ID of a new lease, null if it is not known to be there. */
  @Nullable Long grant(long ttlSeconds) {
    Answer.Granted granted = call(new Request.Grant(0, ttlSeconds)).answered(Answer.Granted.class);
    return granted == null ? null : granted.leaseId();
  }

  /** Writes a value that no other request of the run writes. */
  Op put(String key, long leaseId) {
    return call(new Request.Put(key, stage.value(), leaseId, false));
  }

  /** Whether chance says so. */
  boolean chance(double share) {
    return random.nextDouble() < share;
  }

  /** From the first number to the last, both included. */
  int between(int first, int last) {
    return first + random.nextInt(last - first + 1);
  }

  /** Lets time pass, as a client that has nothing to do; less if the stage ends meanwhile. */
  void rest(long millis) throws InterruptedException {
    Thread.sleep(millis);
  }

  /** As above, about so long. */
  void restAbout(long millis) throws InterruptedException {
    rest(millis / 2 + random.nextLong(millis + 1));
  }
}
