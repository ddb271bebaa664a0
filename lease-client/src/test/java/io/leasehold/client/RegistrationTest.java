package io.leasehold.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.MadeUpCluster.Kind;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Registrations before a made-up cluster: whatever happens to the key, it comes back. */
@Timeout(60)
final class RegistrationTest {
  private static final Duration TTL = Duration.ofSeconds(6);
  private static final String KEY = "services/web/1";

  private final MadeUpCluster cluster = new MadeUpCluster();

  @AfterEach
  void end() {
    cluster.close();
  }

  private Registration register() {
    return new ServiceRegistry(cluster, Bytes.of("services/"))
        .register(new ServiceInstance("web", "1", "a"), TTL);
  }

  private long leaseOfKey() {
    return cluster.entry(KEY).orElseThrow().leaseId();
  }

  private void assertRegistered(Registration registration) {
    cluster.settle();
    assertThat(registration.isRegistered()).isTrue();
    assertThat(registration.lossReason()).isEmpty();
    assertThat(cluster.hasLease(leaseOfKey())).isTrue();
  }

  @Test
  void aKeyThatSomebodyDeletesIsWrittenAgain() {
    Registration registration = register();
    assertRegistered(registration);
    cluster.delete(KEY);
    assertRegistered(registration);
    registration.close();
    assertThat(cluster.entry(KEY)).isEmpty();
    assertThat(registration.isRegistered()).isFalse();
  }

  @Test
  void aKeyThatIsDeletedBeforeItIsWatchedIsWrittenAgain() {
    cluster.after(Kind.COMMIT, () -> cluster.delete(KEY));
    assertRegistered(register());
  }

  @Test
  void aKeyWhoseDeletionWasCompactedAwayIsWrittenAgain() {
    Registration registration = register();
    cluster.holdWatches();
    cluster.delete(KEY);
    cluster.put("elsewhere", "x");
    cluster.compact();
    cluster.releaseWatches();
    assertRegistered(registration);
  }

  @Test
  void aKeyThatSomebodyElseTakesIsTheirsUntilTheyAreGone() {
    Registration first = register();
    Registration second = register();
    cluster.settle();
    assertThat(first.isRegistered()).isFalse();
    assertRegistered(second);
    second.close();
    assertRegistered(first);
  }

  @Test
  void aRegistrationWhoseLeaseEndsIsMadeAnew() {
    Registration registration = register();
    long before = leaseOfKey();
    cluster.endLease(before);
    cluster.pass(TTL);
    assertRegistered(registration);
    assertThat(leaseOfKey()).isNotEqualTo(before);
  }

  @Test
  void aLeaseThatEndsWhileItIsRegisteredIsReplacedAllTheSame() {
    cluster.after(
        Kind.COMMIT,
        () -> {
          cluster.endLease(leaseOfKey());
          cluster.pass(TTL);
        });
    assertRegistered(register());
  }

  @Test
  void aSilentClusterHasTheRegistrationBackWhenItSpeaks() {
    Registration registration = register();
    cluster.fallSilent();
    cluster.pass(Duration.ofMinutes(1));
    assertThat(registration.isRegistered()).isFalse();
    assertThat(cluster.entry(KEY)).isEmpty();
    cluster.speak();
    cluster.pass(Duration.ofSeconds(1));
    assertRegistered(registration);
  }

  @Test
  void aWriteThatFailsIsRepeated() {
    Registration registration = register();
    cluster.loseAnswer(Kind.COMMIT);
    cluster.delete(KEY);
    cluster.settle();
    assertThat(registration.isRegistered()).isFalse();
    cluster.pass(Duration.ofSeconds(1));
    assertRegistered(registration);
  }

  @Test
  void aRegistrationThatFailsAtOnceLeavesNoLease() {
    cluster.loseAnswer(Kind.COMMIT);
    assertThatThrownBy(this::register).isInstanceOf(OutcomeUnknownException.class);
    assertThat(cluster.entry(KEY)).isEmpty();
  }

  @Test
  void aClosedRegistrationDoesNotComeBack() {
    Registration registration = register();
    registration.close();
    cluster.put(KEY, "somebody else's");
    cluster.delete(KEY);
    cluster.pass(Duration.ofMinutes(1));
    assertThat(cluster.entry(KEY)).isEmpty();
  }
}
