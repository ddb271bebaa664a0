package io.leasehold.jepsen;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class LayersTest {
  private final JavaClasses harness =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.leasehold.jepsen");

  @Test
  void productIsKnownByItsWireAlone() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.leasehold.core..",
            "io.leasehold.raft..",
            "io.leasehold.server..",
            "io.leasehold.launch..")
        .because("who judges the product must share no mistake with it")
        .check(harness);
  }

  @Test
  void checkersKnowHistoriesAlone() {
    classes()
        .that()
        .resideInAPackage("..jepsen.check..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("..jepsen.check..", "..jepsen.history..", "java..", "org.jspecify..")
        .because("a stored history is judged again without a cluster")
        .check(harness);
  }

  @Test
  void arrowsPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("history")
        .definedBy("..jepsen.history..")
        .layer("check")
        .definedBy("..jepsen.check..")
        .layer("cluster")
        .definedBy("..jepsen.cluster..")
        .layer("client")
        .definedBy("..jepsen.client..")
        .layer("nemesis")
        .definedBy("..jepsen.nemesis..")
        .layer("workload")
        .definedBy("..jepsen.workload..")
        .layer("report")
        .definedBy("..jepsen.report..")
        .layer("bugs")
        .definedBy("..jepsen.bugs..")
        .layer("run")
        .definedBy("..jepsen.run..")
        .whereLayer("run")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("bugs")
        .mayOnlyBeAccessedByLayers("run")
        .whereLayer("report")
        .mayOnlyBeAccessedByLayers("run")
        .whereLayer("workload")
        .mayOnlyBeAccessedByLayers("run")
        .whereLayer("nemesis")
        .mayOnlyBeAccessedByLayers("run")
        .whereLayer("client")
        .mayOnlyBeAccessedByLayers("nemesis", "workload", "run")
        .whereLayer("cluster")
        .mayOnlyBeAccessedByLayers("bugs", "client", "nemesis", "workload", "run")
        .whereLayer("check")
        .mayOnlyBeAccessedByLayers("workload", "report", "run")
        .check(harness);
  }
}
