package io.leasehold.testkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LayersTest {
  private final JavaClasses kit =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.leasehold.testkit");

  @Test
  void kitEmbedsTheServerThroughItsPublicFace() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.leasehold.testkit",
            "io.leasehold.server",
            "io.leasehold.server.config",
            "io.leasehold.raft",
            "io.leasehold.raft.time",
            "io.leasehold.core..",
            "org.junit.jupiter.api..",
            "org.junit.platform.commons..",
            "org.slf4j..",
            "org.jspecify..",
            "java..")
        .because("whoever embeds a member can do the same; nothing in the product knows of tests")
        .check(kit);
  }

  @Test
  void usersMeetFourTypes() {
    assertThat(
            kit.stream()
                .filter(type -> type.getModifiers().contains(JavaModifier.PUBLIC))
                .map(JavaClass::getSimpleName)
                .toList())
        .containsExactlyInAnyOrder(
            "LeaseholdCluster", "Member", "ClusterException", "LeaseholdTest");
  }

  @Test
  void productKnowsNothingOfTheKit() throws IOException {
    for (String module : List.of("lease-core", "lease-raft", "lease-server", "lease-client")) {
      assertThat(Files.readString(Path.of("..", module, "pom.xml")))
          .as(module)
          .doesNotContain("testkit");
    }
  }
}
