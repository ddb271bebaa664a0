package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.option.RaftOptions;
import io.leasehold.raft.Replica.Leadership;
import io.leasehold.raft.jraft.lead.VoteGate;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ElectionHasteTest {
  private static final int ELECTION_MILLIS = 1000;
  private static final int READY_MILLIS = 840;

  private final AtomicLong now = new AtomicLong(7_000_000_000L);
  private final VoteGate gate =
      new VoteGate(now::get, VoteGate.window(ELECTION_MILLIS * 1_000_000L), 1_000_000_000L);
  private final AtomicReference<Leadership> leadership =
      new AtomicReference<>(new Leadership(3, "n1", false));
  private final RaftOptions raftOptions = new RaftOptions();

  /** What the timer was set to, with the upper end of the random delay at that moment. */
  private final List<String> settings = new ArrayList<>();

  private final List<Runnable> executed = new ArrayList<>();
  private final List<Long> delaysMillis = new ArrayList<>();
  private final List<Runnable> delayed = new ArrayList<>();

  @Test
  void firstInLineStandsAsSoonAsVotersAreReady() {
    ElectionHaste haste = haste("n2");
    haste.leaderCutOff();
    runExecuted();
    assertThat(settings).containsExactly("840+20");
    assertThat(delayed).isEmpty();
    assertThat(raftOptions.getMaxElectionDelayMs()).isEqualTo(300);
  }

  @Test
  void nextInLineStandsLater() {
    ElectionHaste haste = haste("n3");
    haste.leaderCutOff();
    runExecuted();
    assertThat(settings).containsExactly("840+20");
    assertThat(delaysMillis).containsExactly(250L);
    delayed.forEach(Runnable::run);
    assertThat(settings).containsExactly("840+20", "840+20");
  }

  @Test
  void turnIsNotPutOffOnceThereIsALeader() {
    ElectionHaste haste = haste("n3");
    haste.leaderCutOff();
    runExecuted();
    pass(10);
    hear();
    pass(10);
    haste.check();
    delayed.forEach(Runnable::run);
    assertThat(settings).containsExactly("840+20", "1000+300");
  }

  @Test
  void silenceIsSuspectedAfterAFewHeartbeats() {
    ElectionHaste haste = haste("n2");
    hear();
    pass(300);
    haste.check();
    assertThat(settings).isEmpty();
    pass(1);
    haste.check();
    assertThat(settings).containsExactly("840+20");
    haste.check();
    assertThat(settings).hasSize(1);
  }

  @Test
  void leaderThatIsHeardAgainEndsTheHaste() {
    ElectionHaste haste = haste("n2");
    haste.leaderCutOff();
    runExecuted();
    haste.check();
    assertThat(settings).as("heard before its stream ended").hasSize(1);
    pass(100);
    hear();
    pass(10);
    haste.check();
    assertThat(settings).containsExactly("840+20", "1000+300");
  }

  @Test
  void hasteLastsUntilThereIsALeader() {
    ElectionHaste haste = haste("n2");
    haste.leaderCutOff();
    runExecuted();
    leadership.set(new Leadership(3, null, false));
    pass(100);
    hear();
    haste.check();
    assertThat(settings).hasSize(1);
    leadership.set(new Leadership(4, "n2", true));
    haste.check();
    assertThat(settings).containsExactly("840+20", "1000+300");
  }

  @Test
  void leaderHurriesNobody() {
    leadership.set(new Leadership(3, "n2", true));
    ElectionHaste haste = haste("n2");
    pass(5000);
    haste.check();
    haste.leaderCutOff();
    runExecuted();
    assertThat(settings).isEmpty();
  }

  @Test
  void chancePartsCandidatesFurtherTheLongerThereIsNoLeader() {
    ElectionHaste haste = haste("n2");
    leadership.set(new Leadership(3, null, false));
    haste.check();
    List<Integer> delays = new ArrayList<>();
    for (int second = 0; second < 60; second += 3) {
      delays.add(raftOptions.getMaxElectionDelayMs());
      pass(3000);
      haste.check();
    }
    assertThat(delays).startsWith(300, 600, 1200, 2400, 4000, 4000).endsWith(4000);
    haste.leaderCutOff();
    runExecuted();
    assertThat(raftOptions.getMaxElectionDelayMs()).isEqualTo(4000);
    leadership.set(new Leadership(9, "n1", false));
    hear();
    haste.check();
    assertThat(raftOptions.getMaxElectionDelayMs()).isEqualTo(300);
  }

  private ElectionHaste haste(String ownName) {
    ElectionHaste haste =
        new ElectionHaste(
            now::get,
            gate,
            ownName,
            ELECTION_MILLIS,
            timer(),
            leadership::get,
            () -> List.of("n1", "n2", "n3"));
    haste.start(node());
    return haste;
  }

  private void hear() {
    gate.leaderHeard(3, READY_MILLIS * 1_000_000L);
  }

  private void pass(long millis) {
    now.addAndGet(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private void runExecuted() {
    executed.forEach(Runnable::run);
    executed.clear();
  }

  private Node node() {
    return proxy(
        Node.class,
        (method, arguments) ->
            switch (method) {
              case "getRaftOptions" -> raftOptions;
              case "resetElectionTimeoutMs" -> {
                settings.add(arguments[0] + "+" + raftOptions.getMaxElectionDelayMs());
                yield null;
              }
              default -> throw new AssertionError(method);
            });
  }

  private ScheduledExecutorService timer() {
    return proxy(
        ScheduledExecutorService.class,
        (method, arguments) ->
            switch (method) {
              case "scheduleWithFixedDelay" -> null;
              case "execute" -> {
                executed.add((Runnable) arguments[0]);
                yield null;
              }
              case "schedule" -> {
                delayed.add((Runnable) arguments[0]);
                delaysMillis.add(((TimeUnit) arguments[2]).toMillis((long) arguments[1]));
                yield null;
              }
              default -> throw new AssertionError(method);
            });
  }

  @FunctionalInterface
  private interface Calls {
    Object call(String method, Object[] arguments);
  }

  private static <T> T proxy(Class<T> type, Calls calls) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> calls.call(method.getName(), arguments)));
  }
}
