package io.leasehold.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Rules inside this module; those between modules are checked where all are on the class path. */
final class LayersTest {
  private final JavaClasses core =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.leasehold.core");

  @Test
  void theStateMachineDoesNotKnowTheLessor() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.leasehold.core.state..",
            "io.leasehold.core.command..",
            "io.leasehold.core.lease..",
            "io.leasehold.core.key..",
            "io.leasehold.core.log..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.leasehold.core.lessor..")
        .because("followers and recovery apply without a lessor")
        .check(core);
  }

  @Test
  void keysKnowNeitherCommandsNorLeases() {
    noClasses()
        .that()
        .resideInAPackage("io.leasehold.core.key..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.leasehold.core.state..",
            "io.leasehold.core.command..",
            "io.leasehold.core.lease..",
            "io.leasehold.core.log..")
        .because("whoever serves reads uses them without the state machine")
        .check(core);
  }
}
