package io.leasehold.raft.member;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.core.time.RandomSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class DataDirectoryTest {
  private static final long CLUSTER = 0xc0ffee;
  private static final RandomSource RANDOM = new Random(7)::nextLong;

  @TempDir Path temp;

  private Path dir() {
    return temp.resolve("n1").resolve("data");
  }

  private Path identityFile() {
    return dir().resolve("member.properties");
  }

  private DataDirectory open() throws DataDirectoryException {
    return DataDirectory.open(dir(), "n1", CLUSTER, RANDOM);
  }

  /** A member that has run: its identity, a log with entries, a vote. */
  private String memberThatRan() throws Exception {
    return memberThatRan(true);
  }

  /** The same, killed before it knew that it was on record when {@code confirmed} is false. */
  private String memberThatRan(boolean confirmed) throws Exception {
    try (DataDirectory directory = open()) {
      directory.establish();
      Files.writeString(directory.raftLog().resolve("CURRENT"), "MANIFEST-000005\n");
      Files.writeString(directory.raftLog().resolve("000009.log"), "entries");
      Files.writeString(directory.raftMeta().resolve("raft_meta"), "term and vote");
      if (confirmed) {
        directory.markStarted();
      }
      return directory.identity();
    }
  }

  private void assertRefused(String... parts) throws IOException {
    Map<Path, String> before = contents();
    assertThatThrownBy(() -> open().close())
        .isInstanceOf(DataDirectoryException.class)
        .hasMessageContaining(dir().toString())
        .hasMessageContainingAll(parts)
        .hasMessageNotContaining("\n");
    assertThat(contents()).isEqualTo(before);
  }

  @Test
  void aNewDirectoryIsMadeAndKeepsItsIdentityOnceEstablished() throws Exception {
    String identity;
    try (DataDirectory directory = open()) {
      assertThat(directory.isFresh()).isTrue();
      identity = directory.identity();
      assertThat(identity).matches("[0-9a-f]{32}");
      directory.establish();
      directory.establish();
      assertThat(directory.usableBytes()).isPositive();
    }
    try (DataDirectory directory = open()) {
      assertThat(directory.isFresh()).isTrue();
      assertThat(directory.identity()).isEqualTo(identity);
      directory.markStarted();
    }
    try (DataDirectory directory = open()) {
      assertThat(directory.isFresh()).isFalse();
      assertThat(directory.identity()).isEqualTo(identity);
    }
  }

  @Test
  void whatWasNotEstablishedIsForgotten() throws Exception {
    String first;
    try (DataDirectory directory = open()) {
      first = directory.identity();
    }
    try (DataDirectory directory = open()) {
      assertThat(directory.isFresh()).isTrue();
      assertThat(directory.identity()).isNotEqualTo(first);
    }
  }

  @Test
  void aMemberKilledBeforeItsFirstVoteStartsAgain() throws Exception {
    try (DataDirectory directory = open()) {
      directory.establish();
    }
    open().close();
    // The library made its files, and nothing was written to them yet.
    Files.writeString(dir().resolve("raft/log/CURRENT"), "MANIFEST-000005\n");
    Files.createFile(dir().resolve("raft/log/000004.log"));
    open().close();
  }

  @Test
  void aMemberKilledWhileItsIdentityWasBeingWrittenIsStillNew() throws Exception {
    try (DataDirectory directory = open()) {
      directory.establish();
    }
    Files.move(identityFile(), dir().resolve("member.properties.tmp"));
    try (DataDirectory directory = open()) {
      assertThat(directory.isFresh()).isTrue();
      directory.establish();
    }
    open().close();
  }

  @Test
  void aMemberThatRanIsTakenBack() throws Exception {
    String identity = memberThatRan();
    try (DataDirectory directory = open()) {
      assertThat(directory.isFresh()).isFalse();
      assertThat(directory.identity()).isEqualTo(identity);
    }
  }

  @Test
  void aSecondMemberOnTheSameDirectoryIsRefused() throws Exception {
    try (DataDirectory first = open()) {
      assertRefused("another member runs on this data directory; stop it first");
      first.establish();
    }
    open().close();
  }

  @Test
  void anotherNameOrClusterIsRefused() throws Exception {
    memberThatRan();
    assertThatThrownBy(() -> DataDirectory.open(dir(), "n2", CLUSTER, RANDOM))
        .isInstanceOf(DataDirectoryException.class)
        .hasMessageContainingAll("belongs to member n1, not to n2", "--name");
    assertThatThrownBy(() -> DataDirectory.open(dir(), "n1", 5, RANDOM))
        .isInstanceOf(DataDirectoryException.class)
        .hasMessageContainingAll(
            "belongs to cluster 0000000000c0ffee, not to 0000000000000005",
            "--initial-cluster-token");
    open().close();
  }

  @Test
  void aMemberThatLostItsLogOrItsVoteMayNotVote() throws Exception {
    for (String lost : new String[] {"raft", "raft/log", "raft/meta"}) {
      memberThatRan();
      deleteTree(dir().resolve(lost));
      assertRefused("may not vote", "--replace-member");
      deleteTree(dir());
    }
  }

  @Test
  void aMemberWhoseLogOrVoteWasEmptiedMayNotVote() throws Exception {
    for (String emptied : new String[] {"raft/log", "raft/meta"}) {
      memberThatRan();
      deleteTree(dir().resolve(emptied));
      Files.createDirectories(dir().resolve(emptied));
      assertRefused(emptied, "may not vote", "--replace-member");
      deleteTree(dir());
    }
  }

  @Test
  void aMemberThatLostSingleFilesOfItsLogOrVoteMayNotVote() throws Exception {
    for (String lost : new String[] {"raft/log/CURRENT", "raft/meta/raft_meta"}) {
      for (boolean confirmed : new boolean[] {true, false}) {
        memberThatRan(confirmed);
        Files.delete(dir().resolve(lost));
        assertRefused("has lost", "may not vote", "--replace-member");
        deleteTree(dir());
      }
    }
  }

  @Test
  void aReplacedMemberRemembersThatItIsJoining() throws Exception {
    try (DataDirectory directory = open()) {
      assertThat(directory.isJoining()).isFalse();
      directory.markJoining();
      directory.establish();
    }
    try (DataDirectory directory = open()) {
      assertThat(directory.isJoining()).isTrue();
      directory.markJoined();
      directory.markJoined();
    }
    try (DataDirectory directory = open()) {
      assertThat(directory.isJoining()).isFalse();
    }
  }

  @Test
  void aLogOfAnotherMemberIsRefused() throws Exception {
    memberThatRan();
    Files.writeString(dir().resolve("raft/log/OWNER"), "0".repeat(32) + "\n");
    assertRefused("raft/log belongs to another data directory", "--replace-member");
  }

  @Test
  void dataWithoutAnIdentityIsRefused() throws Exception {
    for (String file : new String[] {"raft/log/CURRENT", "raft/meta/raft_meta", "state/7.sst"}) {
      Files.createDirectories(dir().resolve(file).getParent());
      Files.writeString(dir().resolve(file), "x");
      assertRefused("no member.properties", "--replace-member");
      deleteTree(dir());
    }
  }

  @Test
  void anIdentityCutAnywhereOrWithAnyByteFlippedIsRefused() throws Exception {
    memberThatRan();
    byte[] whole = Files.readAllBytes(identityFile());
    for (int length = 0; length < whole.length; length++) {
      Files.write(identityFile(), java.util.Arrays.copyOf(whole, length));
      assertRefused("member.properties");
    }
    for (int at = 0; at < whole.length; at++) {
      byte[] flipped = whole.clone();
      flipped[at] ^= 1;
      Files.write(identityFile(), flipped);
      assertRefused("member.properties");
    }
    Files.write(identityFile(), whole);
    open().close();
  }

  @Test
  void aNewerFormatIsNamedAsSuch() throws Exception {
    memberThatRan();
    String text = Files.readString(identityFile(), StandardCharsets.UTF_8);
    Files.writeString(identityFile(), text.replace("version=1", "version=2"));
    assertRefused("written by a newer version, format 2");
  }

  @Test
  void unusualNamesSurvive() throws Exception {
    String name = "größe = \\u0041 #1: \\x";
    DataDirectory first = DataDirectory.open(dir(), name, -1, RANDOM);
    first.establish();
    first.close();
    DataDirectory.open(dir(), name, -1, RANDOM).close();
    assertThatThrownBy(() -> DataDirectory.open(dir(), "a\nb", -1, RANDOM))
        .isInstanceOf(DataDirectoryException.class)
        .hasMessageNotContaining("\n");
  }

  @Test
  void aFileInThePlaceOfTheDirectoryIsRefused() throws Exception {
    Files.createDirectories(dir().getParent());
    Files.writeString(dir(), "x");
    assertThatThrownBy(this::open)
        .isInstanceOf(DataDirectoryException.class)
        .hasMessage(dir() + ": not a directory; choose another with --data-dir");
  }

  private Map<Path, String> contents() throws IOException {
    Map<Path, String> contents = new HashMap<>();
    try (Stream<Path> files = Files.walk(dir())) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(file, Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    contents.remove(dir().resolve("lock"));
    return contents;
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
