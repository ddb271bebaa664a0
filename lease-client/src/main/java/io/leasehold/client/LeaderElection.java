package io.leasehold.client;

import io.leasehold.client.ElectionEvent.AtRisk;
import io.leasehold.client.ElectionEvent.Deposed;
import io.leasehold.client.ElectionEvent.Elected;
import io.leasehold.client.ElectionEvent.Recovered;
import io.leasehold.client.internal.EventQueue;
import io.leasehold.client.internal.Foundation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A candidate that stands in line for leadership, holds it as long as its lease lives, and stands
 * again when it is lost. Has a thread for the line and one for the listener.
 *
 * <p>{@link #isLeader} answers from this process's clock. Like a lock, leadership alone does not
 * keep a paused leader's last write from arriving late: send the fencing token with it.
 */
public final class LeaderElection implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderElection.class);

  /** Before the cluster is asked again when it could not be reached. */
  private static final long RETRY_MILLIS = 500;

  private static final long END_SECONDS_MAX = 15;

  private final Foundation core;
  private final Line line;
  private final Bytes value;
  private final Duration ttl;
  private final ExecutorService standing;
  private final ExecutorService told;
  private final EventQueue<ElectionEvent> events;

  /** Completes when this is closed. */
  private final CompletableFuture<String> closed = new CompletableFuture<>();

  /** Completes when the leadership of now is to be given up. */
  private volatile CompletableFuture<String> resigned = new CompletableFuture<>();

  private volatile @Nullable Place leading;

  private LeaderElection(
      Foundation core, String name, Bytes value, Duration ttl, ElectionListener listener) {
    this.core = core;
    this.line = Line.of(name);
    this.value = value;
    this.ttl = ttl;
    this.standing = Executors.newSingleThreadExecutor(daemon("leasehold-election-" + name));
    this.told = Executors.newSingleThreadExecutor(daemon("leasehold-election-events-" + name));
    this.events = new EventQueue<>(told, listener::on);
  }

  static LeaderElection start(
      Foundation core, String name, Bytes value, Duration ttl, ElectionListener listener) {
    LeaderElection election = new LeaderElection(core, name, value, ttl, listener);
    election.standing.execute(election::standAgainAndAgain);
    return election;
  }

  private static ThreadFactory daemon(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private void standAgainAndAgain() {
    while (!closed.isDone()) {
      try (Session session = Session.open(core, ttl, OnLoss.STAY_LOST)) {
        while (!closed.isDone() && session.state() != LeaseState.LOST) {
          stand(session);
        }
      } catch (InterruptedException | CallInterruptedException e) {
        // Only closing interrupts.
        boolean unused = Thread.interrupted();
      } catch (LeaseholdException e) {
        LOG.debug("candidate for {} could not stand", line.own(), e);
        pause();
      }
    }
  }

  private void pause() {
    try {
      String unused = closed.get(RETRY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      LOG.trace("candidate for {} stands again", line.own());
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      LOG.trace("candidate for {} is closed", line.own());
    }
  }

  private void stand(Session session) throws InterruptedException {
    KeptLease lease = session.lease();
    Place place = Place.take(core, line, line.key(lease.id()), lease, value);
    CompletableFuture<LossReason> lost = session.whenLost(lease);
    try {
      boolean unused = place.awaitTurn(lost, Patience.endless(core.clock()));
      if (lease.state() != LeaseState.LOST) {
        lead(session, place, lost);
      }
    } finally {
      if (lease.state() != LeaseState.LOST) {
        leave(place, lost);
      }
      boolean unused = lost.cancel(false);
    }
  }

  private static void leave(Place place, CompletableFuture<LossReason> lost) {
    try {
      // What was lost needs no answer.
      Object unused = CompletableFuture.anyOf(place.leave(), lost).get();
    } catch (ExecutionException e) {
      // Closing the session deletes the key all the same.
      throw new UnavailableException("a place in line could not be given up", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(e);
    }
  }

  private void lead(Session session, Place place, CompletableFuture<LossReason> lost)
      throws InterruptedException {
    LeaseListener risks =
        event -> {
          if (event instanceof LeaseEvent.AtRisk atRisk) {
            events.tell(new AtRisk(atRisk.left()));
          } else if (event instanceof LeaseEvent.Recovered) {
            events.tell(new Recovered());
          }
        };
    CompletableFuture<String> resign = new CompletableFuture<>();
    resigned = resign;
    leading = place;
    events.tell(new Elected(place.createRevision()));
    session.addDirect(risks);
    String reason = "closed";
    try {
      Object unused = CompletableFuture.anyOf(lost, resign, closed).get();
      if (lost.isDone()) {
        reason = "the lease was lost: " + lost.join();
      } else if (resign.isDone()) {
        reason = resign.join();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      leading = null;
      session.remove(risks);
      // Told before the key is deleted, so that nobody else is elected earlier than this is known.
      events.tell(new Deposed(reason));
    }
  }

  /** Returns whether this candidate leads, as certainly as can be said now. */
  public boolean isLeader() {
    Place place = leading;
    return place != null && place.lease().state() != LeaseState.LOST;
  }

  /**
   * Returns a number that is larger for every later leader.
   *
   * @throws IllegalStateException if this candidate does not lead
   */
  public long fencingToken() {
    Place place = leading;
    if (place == null) {
      throw new IllegalStateException("this candidate does not lead");
    }
    return place.createRevision();
  }

  /** Gives leadership up, if this candidate has it, and stands again at the end of the line. */
  public void resign() {
    boolean unused = resigned.complete("resigned");
  }

  /**
   * Gives leadership up and stands no more; returns when that is known to the cluster, and after 15
   * s at the latest. Never fails; the listener may call it.
   */
  @Override
  public void close() {
    boolean unused = closed.complete("closed");
    // Whoever leads is woken by that; whoever waits in line, or for the cluster, by an interrupt.
    if (leading == null) {
      standing.shutdownNow();
    } else {
      standing.shutdown();
    }
    try {
      if (!standing.awaitTermination(END_SECONDS_MAX, TimeUnit.SECONDS)) {
        LOG.warn("candidate for {} does not end", line.own());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    told.shutdown();
  }
}
