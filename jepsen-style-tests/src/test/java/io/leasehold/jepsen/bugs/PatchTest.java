package io.leasehold.jepsen.bugs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PatchTest {
  private static final List<String> DIFF =
      List.of(
          "--- a/First.java",
          "+++ a/First.java",
          "@@ -7,3 +7,3 @@ class First {",
          " one",
          "",
          "-two",
          "+three",
          "+four",
          "@@ -20,2 +21,1 @@",
          "-gone",
          " end",
          "--- b/Second.java",
          "+++ b/Second.java",
          "@@ -1,1 +1,2 @@",
          " here",
          "+added");

  private final Patch patch = Patch.parse(DIFF);

  @Test
  void eachFileHasChangesOfItsOwn() {
    assertThat(patch.files())
        .extracting(Patch.FileChange::file)
        .containsExactly("a/First.java", "b/Second.java");
    assertThat(patch.files().get(1).applyTo("here\n")).isEqualTo("here\nadded\n");
  }

  @Test
  void placesAreFoundByTheirTextWhereverTheyAre() {
    assertThat(patch.files().get(0).applyTo("zero\none\n\ntwo\nmore\ngone\nend\n"))
        .isEqualTo("zero\none\n\nthree\nfour\nmore\nend\n");
  }

  @Test
  void aPlaceThatIsNotThereIsAnError() {
    assertThatThrownBy(() -> patch.files().get(0).applyTo("one\n\n2\ngone\nend\n"))
        .isInstanceOf(StaleBugException.class)
        .hasMessageContaining("a/First.java does not contain");
  }

  @Test
  void aPlaceThatIsThereTwiceIsAnError() {
    assertThatThrownBy(() -> patch.files().get(1).applyTo("here\nthere\nhere\n"))
        .isInstanceOf(StaleBugException.class)
        .hasMessageContaining("more than once");
  }

  @Test
  void whatIsNoDiffIsRefused() {
    assertThatThrownBy(() -> Patch.parse(List.of("once upon a time")))
        .hasMessageContaining("once upon a time");
    assertThatThrownBy(() -> Patch.parse(List.of("--- a", "+++ a", "@@ -1 +1 @@", "*what")))
        .hasMessageContaining("*what");
  }
}
