package io.leasehold.client.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.client.DistributedLock;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.Session;
import io.leasehold.cluster.Conditions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The example of docs/client.md: a database that refuses whoever had the lock before. */
final class FencedDatabaseIT extends OnEachServer {
  private static final Duration TTL = Duration.ofSeconds(5);
  private static final String LOCK = "fenced/account";

  private Connection database;

  @BeforeEach
  void createTable() throws SQLException {
    database = DriverManager.getConnection("jdbc:h2:mem:");
    try (Statement statement = database.createStatement()) {
      statement.execute("CREATE TABLE account (id INT PRIMARY KEY, balance INT, fence BIGINT)");
      statement.execute("INSERT INTO account VALUES (1, 100, 0)");
    }
  }

  @AfterEach
  void closeDatabase() throws SQLException {
    database.close();
  }

  @Test
  void aWriteThatWasOnItsWayWhenTheLockPassedOnIsRefused() throws Exception {
    try (LeaseClient other = LeaseClient.connect(cluster.endpoints());
        Session paused = client.openSession(TTL);
        Session next = other.openSession(TTL)) {
      DistributedLock formerly = paused.lock(LOCK);
      formerly.lock();
      long oldToken = formerly.fencingToken();
      assertThat(setBalance(90, oldToken)).isTrue();

      // As if the first holder had stood still for so long that its lease ended: it believes, and
      // has asked, and only then does its write go out.
      client.leases().revoke(paused.leaseId());
      DistributedLock nowadays = next.lock(LOCK);
      assertThat(nowadays.tryLock(SOON)).isTrue();
      assertThat(nowadays.fencingToken()).isGreaterThan(oldToken);
      assertThat(setBalance(80, nowadays.fencingToken())).isTrue();

      assertThat(setBalance(500, oldToken)).isFalse();
      assertThat(balance()).isEqualTo(80);
      Conditions.await("the first holder knows", SOON, () -> !formerly.isHeld());
      nowadays.unlock();
    }
  }

  /** Returns whether it was written: not if somebody with a later token was there. */
  private boolean setBalance(int balance, long token) throws SQLException {
    try (PreparedStatement update =
        database.prepareStatement(
            "UPDATE account SET balance = ?, fence = ? WHERE id = ? AND fence <= ?")) {
      update.setInt(1, balance);
      update.setLong(2, token);
      update.setInt(3, 1);
      update.setLong(4, token);
      return update.executeUpdate() == 1;
    }
  }

  private int balance() throws SQLException {
    try (Statement query = database.createStatement();
        ResultSet rows = query.executeQuery("SELECT balance FROM account WHERE id = 1")) {
      assertThat(rows.next()).isTrue();
      return rows.getInt(1);
    }
  }
}
