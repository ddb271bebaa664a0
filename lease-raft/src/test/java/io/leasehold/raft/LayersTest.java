package io.leasehold.raft;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Rules inside this module; those between modules are checked where all are on the class path. */
final class LayersTest {
  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.leasehold.raft");

  @Test
  void thePartsBelowTheReplicaDoNotKnowIt() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.leasehold.raft.storage..",
            "io.leasehold.raft.codec..",
            "io.leasehold.raft.propose..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.leasehold.raft", "io.leasehold.raft.jraft..", "io.leasehold.raft.member..")
        .because("they are tested, and understood, without an engine")
        .check(classes);
  }
}
