package io.leasehold.core.sim;

import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A client that takes one lease after the other, renews it more or less well, and some day stops or
 * revokes it.
 */
final class SimClient {
  private static final long[] TTLS_MILLIS = {2000, 3000, 5000, 8000, 12_000, 30_000};

  private final World world;
  private final SimServer server;
  private final Ledger ledger;
  private final long firstId;
  private final long stopAt;
  private long leases;

  SimClient(World world, SimServer server, Ledger ledger, int number, long stopAt) {
    this.world = world;
    this.server = server;
    this.ledger = ledger;
    this.firstId = (number + 1) * 1_000_000L;
    this.stopAt = stopAt;
  }

  void begin() {
    if (world.now() > stopAt) {
      return;
    }
    long id = firstId + ++leases;
    long ttlMillis = TTLS_MILLIS[world.random.nextInt(TTLS_MILLIS.length)];
    long sent = world.now();
    ledger.grantSent(id, ttlMillis * World.MILLI);
    send(
        done -> server.grant(id, ttlMillis, done),
        answer -> {
          if (answer == SimServer.Answer.OK) {
            ledger.grantAcknowledged(id, sent);
            hold(id, ttlMillis * World.MILLI);
          } else {
            world.after(World.SECOND, this::begin);
          }
        });
  }

  private void hold(long id, long ttlNanos) {
    if (world.chance(0.3)) {
      renewOnce(id);
    }
    double pace = world.chance(0.2) ? 0.9 : 0.33;
    long renewals = world.chance(0.25) ? 0 : world.random.nextInt(12);
    renewLater(id, ttlNanos, (long) (ttlNanos * pace), renewals);
  }

  private void renewLater(long id, long ttlNanos, long every, long left) {
    if (left == 0 || world.now() > stopAt) {
      letGo(id, ttlNanos);
      return;
    }
    world.after(
        world.between(every / 2, every),
        () -> {
          renewOnce(id);
          renewLater(id, ttlNanos, every, left - 1);
        });
  }

  private void renewOnce(long id) {
    long sent = world.now();
    send(
        done -> server.renew(id, done),
        answer -> {
          if (answer == SimServer.Answer.OK) {
            ledger.renewalAcknowledged(id, sent);
          } else if (answer == SimServer.Answer.GONE) {
            ledger.seenGone(id);
          }
        });
  }

  private void letGo(long id, long ttlNanos) {
    if (world.chance(0.3)) {
      ledger.revokeSent(id);
      send(
          done -> server.revoke(id, done),
          answer -> {
            if (answer != SimServer.Answer.FAILED) {
              ledger.revokeAcknowledged(id);
              lookAround(id);
            }
          });
    }
    if (world.chance(0.3)) {
      lookAround(id);
    }
    world.after(world.between(0, ttlNanos), this::begin);
  }

  /**
   * Asks after a lease that may have ended: nobody may say that it lives, or renew it, once it was
   * seen to have ended.
   */
  private void lookAround(long id) {
    BiConsumer<Consumer<Consumer<SimServer.Answer>>, Consumer<Long>> ask =
        (request, ifAlive) -> {
          long sent = world.now();
          send(
              request,
              answer -> {
                if (answer == SimServer.Answer.OK) {
                  ifAlive.accept(sent);
                }
              });
        };
    ask.accept(done -> server.timeToLive(id, done), sent -> ledger.seenAlive(id, sent));
    ask.accept(done -> server.renew(id, done), sent -> ledger.renewalAcknowledged(id, sent));
  }

  /** Sends a request that may be lost, late or repeated, and whose answer may be lost or late. */
  private void send(
      Consumer<Consumer<SimServer.Answer>> request, Consumer<SimServer.Answer> answered) {
    int copies = world.chance(0.03) ? 0 : world.chance(0.03) ? 2 : 1;
    if (copies == 0) {
      ledger.coverage.count("requests lost");
    }
    boolean[] done = {false};
    for (int i = 0; i < copies; i++) {
      long late =
          world.chance(0.03)
              ? world.between(0, 3 * World.SECOND)
              : world.between(World.MILLI / 10, 3 * World.MILLI);
      world.after(
          late,
          () ->
              request.accept(
                  answer -> {
                    if (done[0] || world.chance(0.02)) {
                      return;
                    }
                    done[0] = true;
                    long back = world.between(World.MILLI / 10, 3 * World.MILLI);
                    world.after(back, () -> answered.accept(answer));
                  }));
    }
  }
}
