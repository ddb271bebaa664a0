package io.leasehold.server.grpc;

import io.grpc.Status;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.key.KeyView;
import io.leasehold.core.key.Txn;
import io.leasehold.server.recipe.KeyAccess;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;
import io.leasehold.server.watch.Subscriber;
import io.leasehold.server.watch.WatchHub;
import io.leasehold.server.watch.WatchRefusal;
import io.leasehold.server.watch.WatchSink;
import io.leasehold.server.watch.WatchSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The key space as locks and elections use it: by the same ways as clients, so that they are held
 * to the same rules. Any thread.
 */
public final class RoutedKeys implements KeyAccess {
  private static final long MILLIS_PER_SECOND = 1000;

  /** What a transaction of a few small operations takes in the log, about. */
  private static final int OPERATIONS_BYTES = 256;

  private final LeaseRouter router;
  private final KeyReads reads;
  private final WatchHub hub;

  public RoutedKeys(LeaseRouter router, KeyReads reads, WatchHub hub) {
    this.router = router;
    this.reads = reads;
    this.hub = hub;
  }

  @Override
  public CompletableFuture<Outcome.Transacted> transact(Txn txn) {
    CompletableFuture<Outcome.Transacted> answer = new CompletableFuture<>();
    router.propose(
        new Command.Transact(txn),
        OPERATIONS_BYTES,
        new LeaseRouter.CommandCallback() {
          @Override
          public void applied(Outcome outcome) {
            if (outcome instanceof Outcome.Transacted transacted) {
              answer.complete(transacted);
            } else if (outcome instanceof Outcome.KeysRefused refused) {
              fail(answer, EtcdError.of(refused.why()));
            } else {
              answer.completeExceptionally(
                  new IllegalStateException("a transaction led to " + outcome));
            }
          }

          @Override
          public void failed(RequestFailure failure) {
            fail(answer, EtcdError.of(failure));
          }
        });
    return answer;
  }

  @Override
  public <T> CompletableFuture<T> read(Function<KeyView, T> reading) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    router.readBarrier(
        new LeaseRouter.BarrierCallback() {
          @Override
          public void passed() {
            reads.read(
                true, view -> answer.complete(reading.apply(view)), error -> fail(answer, error));
          }

          @Override
          public void failed(RequestFailure failure) {
            fail(answer, EtcdError.of(failure));
          }
        });
    return answer;
  }

  @Override
  public CompletableFuture<Long> grant(long ttlSeconds) {
    CompletableFuture<Long> answer = new CompletableFuture<>();
    router.grant(
        ttlSeconds * MILLIS_PER_SECOND,
        new LeaseRouter.GrantCallback() {
          @Override
          public void granted(long leaseId, long ttlMillis) {
            answer.complete(leaseId);
          }

          @Override
          public void leaseExists() {
            fail(answer, EtcdError.LEASE_EXISTS);
          }

          @Override
          public void forbidden(KeyRefusal why) {
            fail(answer, EtcdError.of(why));
          }

          @Override
          public void failed(RequestFailure failure) {
            fail(answer, EtcdError.of(failure));
          }
        });
    return answer;
  }

  @Override
  public Watching watch(List<KeyRange> ranges, long firstRevision, Watcher watcher) {
    Subscriber subscriber = hub.open(new Sink(watcher));
    for (KeyRange range : ranges) {
      subscriber.create(0, WatchSpec.of(range, firstRevision));
    }
    return subscriber::close;
  }

  private static void fail(CompletableFuture<?> answer, EtcdError error) {
    answer.completeExceptionally(error.status().asRuntimeException());
  }

  /** Hands events on. It is always ready: what comes of them happens elsewhere. */
  record Sink(Watcher watcher) implements WatchSink {
    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void events(long watchId, long revision, List<Event> events, boolean mayFragment) {
      List<KeyEvent> ofOneRevision = new ArrayList<>();
      long current = 0;
      for (Event event : events) {
        long eventRevision = event.getKv().getModRevision();
        if (eventRevision != current && !ofOneRevision.isEmpty()) {
          watcher.changed(current, List.copyOf(ofOneRevision));
          ofOneRevision.clear();
        }
        current = eventRevision;
        ofOneRevision.add(KeyMessages.event(event));
      }
      if (!ofOneRevision.isEmpty()) {
        watcher.changed(current, ofOneRevision);
      }
    }

    @Override
    public void handled() {}

    @Override
    public void created(long watchId, long revision) {}

    @Override
    public void refused(WatchRefusal why, long revision) {
      watcher.ended(
          why == WatchRefusal.TOO_MANY_WATCHERS
              ? Status.RESOURCE_EXHAUSTED.withDescription(EtcdError.TOO_MANY_REQUESTS.text())
              : Status.INTERNAL.withDescription("leasehold: cannot watch: " + why));
    }

    @Override
    public void canceled(long watchId, long revision) {}

    @Override
    public void compacted(long watchId, long revision, long compactedRevision) {
      watcher.ended(EtcdError.COMPACTED.status());
    }

    @Override
    public void progress(long watchId, long revision) {}

    @Override
    public void failed() {
      watcher.ended(EtcdError.STOPPED.status());
    }
  }
}
