package io.leasehold.raft;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class LayersTest {
  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.leasehold.raft");

  @Test
  void theRaftLibraryStaysInItsPackage() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.leasehold.raft.jraft..", "io.leasehold.raft.proto..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.alipay..")
        .because("the engine can be replaced only as long as no type of it gets out (ADR 0001)")
        .check(classes);
  }

  @Test
  void rocksDbStaysWithTheStateAndTheLog() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.leasehold.raft.storage..")
        .and()
        .doNotHaveSimpleName("RaftLogStorageOptions")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.rocksdb..")
        .because("a closed native object that is used ends the process: few may touch one")
        .check(classes);
  }

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

  @Test
  void theServerIsNotKnownHere() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.leasehold.server..")
        .because("dependencies run one way")
        .check(classes);
  }
}
