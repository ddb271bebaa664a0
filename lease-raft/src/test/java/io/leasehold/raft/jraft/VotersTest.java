package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.Status;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.RaftMemberConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class VotersTest {
  private static final PeerAddress A = new PeerAddress("127.0.0.1", 1);
  private static final PeerAddress B = new PeerAddress("127.0.0.1", 2);
  private static final PeerAddress C = new PeerAddress("127.0.0.1", 3);

  private final FakeNode fake = new FakeNode();
  private Node node = fake.node();
  private final Voters voters = new Voters(config(), () -> node);

  @Test
  void untilRaftSaysOtherwiseTheWholeClusterVotes() {
    assertThat(voters.names()).containsExactly("a", "b", "c");
    assertThat(voters.others()).containsExactly(RaftSettings.peer(B), RaftSettings.peer(C));
  }

  @Test
  void strangersGoByTheirAddress() {
    PeerAddress stranger = new PeerAddress("127.0.0.1", 4);
    voters.are(List.of(stranger, B));
    assertThat(voters.names()).containsExactly(stranger.toString(), "b");
    assertThat(voters.others()).containsExactly(RaftSettings.peer(stranger), RaftSettings.peer(B));
  }

  @Test
  void membersThatDoNotVoteHaveAnAddressAllTheSame() {
    voters.are(List.of(A, B));
    assertThat(voters.peerOf("c")).isEqualTo(RaftSettings.peer(C));
    assertThatThrownBy(() -> voters.peerOf("d"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("d");
  }

  @Test
  void changesSayWhatBecameOfThem() {
    List<String> answers = new ArrayList<>();
    voters.addVoter("c", answers::add);
    voters.removeVoter("b", answers::add);
    assertThat(fake.asked).containsExactly("addPeer 127.0.0.1:3", "removePeer 127.0.0.1:2");
    fake.done.remove().run(Status.OK());
    fake.done.remove().run(new Status(1, "a test says so"));
    assertThat(answers).containsExactly(null, "a test says so");
  }

  @Test
  void memberThatStopsChangesNothing() {
    node = null;
    List<String> answers = new ArrayList<>();
    voters.addVoter("c", answers::add);
    voters.removeVoter("b", answers::add);
    assertThat(answers).containsExactly("stopping", "stopping");
    assertThat(fake.asked).isEmpty();
  }

  private static RaftMemberConfig config() {
    return new RaftMemberConfig(
        "a",
        Path.of("unused"),
        A,
        new TreeMap<>(Map.of("a", A, "b", B, "c", C)),
        RaftMemberConfig.ClusterState.NEW,
        "test",
        List.of(),
        100,
        1000,
        1000,
        1000,
        0,
        false);
  }
}
