package io.leasehold.bench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class LayersTest {
  private final JavaClasses generator =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.leasehold.bench");

  @Test
  void productIsKnownByItsWireAlone() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.leasehold.core..",
            "io.leasehold.raft..",
            "io.leasehold.server..",
            "io.leasehold.client..")
        .because("both programs are measured by the same generator, from outside")
        .check(generator);
  }

  @Test
  void wireKnowsNothingOfEtcd() {
    noClasses()
        .that()
        .resideInAPackage("..bench.wire..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.leasehold.api..", "com.google.protobuf..")
        .because("it carries bytes")
        .check(generator);
  }

  @Test
  void arrowsPointOneWay() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("wire")
        .definedBy("..bench.wire..")
        .layer("load")
        .definedBy("..bench.load..")
        .layer("etcd")
        .definedBy("..bench.etcd..")
        .layer("measure")
        .definedBy("..bench.measure..")
        .layer("report")
        .definedBy("..bench.report..")
        .layer("cluster")
        .definedBy("..bench.cluster..")
        .layer("scenario")
        .definedBy("..bench.scenario..")
        .layer("run")
        .definedBy("..bench.run..")
        .layer("main")
        .definedBy("io.leasehold.bench")
        .whereLayer("main")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("run")
        .mayOnlyBeAccessedByLayers("main")
        .whereLayer("scenario")
        .mayOnlyBeAccessedByLayers("run")
        .whereLayer("cluster")
        .mayOnlyBeAccessedByLayers("scenario", "run", "main")
        .whereLayer("report")
        .mayOnlyBeAccessedByLayers("scenario", "run")
        .whereLayer("measure")
        .mayOnlyBeAccessedByLayers("report", "scenario", "run")
        .whereLayer("etcd")
        .mayOnlyBeAccessedByLayers("scenario", "run")
        .whereLayer("load")
        .mayOnlyBeAccessedByLayers("etcd", "report", "scenario")
        .whereLayer("wire")
        .mayOnlyBeAccessedByLayers("load", "etcd", "scenario", "run")
        .check(generator);
  }
}
