package io.leasehold.jepsen.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.cluster.DirectedPair;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class CutShapeTest {
  private static final List<String> THREE = List.of("a", "b", "c");
  private static final List<String> FIVE = List.of("a", "b", "c", "d", "e");

  private static Set<String> cuts(CutShape shape, List<String> members) {
    return shape.cuts(members).stream().map(DirectedPair::toString).collect(Collectors.toSet());
  }

  @Test
  void halvesAreAMinorityAndAMajority() {
    assertThat(cuts(CutShape.HALF, THREE)).containsExactlyInAnyOrder("a>b", "a>c", "b>a", "c>a");
    assertThat(cuts(CutShape.HALF, FIVE))
        .hasSize(12)
        .contains("a>c", "c>a", "b>e")
        .doesNotContain("a>b");
  }

  @Test
  void theIsolatedMemberReachesNobodyAndIsReachedByNobody() {
    assertThat(cuts(CutShape.ISOLATED, FIVE))
        .containsExactlyInAnyOrder("a>b", "a>c", "a>d", "a>e", "b>a", "c>a", "d>a", "e>a");
  }

  @Test
  void oneWayCutsHaveOneDirection() {
    assertThat(cuts(CutShape.MUTE, THREE)).containsExactlyInAnyOrder("a>b", "a>c");
    assertThat(cuts(CutShape.DEAF, THREE)).containsExactlyInAnyOrder("b>a", "c>a");
  }

  @Test
  void theBridgeReachesBothHalves() {
    assertThat(cuts(CutShape.BRIDGE, THREE)).containsExactlyInAnyOrder("b>c", "c>b");
    assertThat(cuts(CutShape.BRIDGE, FIVE))
        .containsExactlyInAnyOrder("b>d", "b>e", "c>d", "c>e", "d>b", "e>b", "d>c", "e>c");
  }

  @Test
  void inARingEverybodyHearsAMajorityAndNoTwoTheSame() {
    for (List<String> members : List.of(THREE, FIVE)) {
      Set<DirectedPair> cuts = CutShape.RING.cuts(members);
      Set<Set<String>> heard =
          members.stream()
              .map(
                  listener ->
                      members.stream()
                          .filter(
                              speaker ->
                                  speaker.equals(listener)
                                      || !cuts.contains(new DirectedPair(speaker, listener)))
                          .collect(Collectors.toSet()))
              .collect(Collectors.toSet());

      assertThat(heard).hasSameSizeAs(members);
      assertThat(heard).allMatch(set -> set.size() == members.size() / 2 + 1);
    }
  }
}
