package io.leasehold.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.client.DistributedLock;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The example of the document, as a user would write it. */
@Timeout(60)
final class NightlyBackupTest {
  // tag::example
  @RegisterExtension static final LeaseholdCluster cluster = LeaseholdCluster.of(3);

  private LeaseClient client;
  private Session session;
  private NightlyBackup backup;
  private Thread service;

  @BeforeEach
  void startTheServiceUnderTest() throws InterruptedException {
    client =
        LeaseClient.builder()
            .endpoints(cluster.endpoints())
            .requestTimeout(Duration.ofSeconds(2)) // where nobody answers, so long is waited
            .build();
    session = client.openSession(Duration.ofSeconds(3));
    backup = new NightlyBackup(session.lock("nightly"));
    service = new Thread(backup);
    service.start();
    backup.awaitWork();
  }

  @Test
  void worksOnWhenTheLeaderDies() throws InterruptedException {
    cluster.kill(cluster.leader());
    backup.finishWork();
    service.join();
    assertThat(backup.end()).isEqualTo(NightlyBackup.End.DONE);
  }

  @Test
  void stopsBeforeItsLockIsLostWhenTheClusterStandsStill() throws InterruptedException {
    cluster.members().forEach(cluster::pause);
    service.join();
    assertThat(backup.end()).isEqualTo(NightlyBackup.End.LOCK_LOST);
    cluster.restore(); // the kit would do so later, and the session is closed before
  }

  @Test
  void leavesTheLockToAnotherWhenItsLeaseEnds() throws InterruptedException {
    cluster.expire(session.leaseId());
    try (Session another = client.openSession(Duration.ofSeconds(60))) {
      DistributedLock lock = another.lock("nightly");
      assertThat(lock.tryLock(Duration.ofSeconds(10))).isTrue();
      service.join();
      assertThat(backup.end()).isEqualTo(NightlyBackup.End.LOCK_LOST);
    }
  }

  @AfterEach
  void stopTheService() {
    backup.finishWork();
    session.close();
    client.close();
  }

  // end::example

  @Test
  void documentShowsThisVeryExample() throws IOException {
    List<String> lines =
        Files.readAllLines(Path.of("src/test/java/io/leasehold/testkit/NightlyBackupTest.java"));
    int begin = lines.indexOf("  // tag::example") + 1;
    int end = lines.indexOf("  // end::example") - 1;
    String example =
        String.join(
            "\n", lines.subList(begin, end).stream().map(l -> l.replaceFirst("^  ", "")).toList());
    assertThat(Files.readString(Path.of("../docs/testkit.md")))
        .contains("```java\n" + example + "\n```");
  }
}
