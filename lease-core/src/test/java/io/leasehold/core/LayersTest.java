package io.leasehold.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class LayersTest {
  private final JavaClasses core =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.leasehold.core");

  @Test
  void theDomainStandsOnTheJdkAlone() {
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("io.leasehold.core..", "java..", "org.jspecify..")
        .because("storage, time and the log come in through small interfaces")
        .check(core);
  }

  @Test
  void theDomainDoesNoInputOrOutput() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.io..", "java.nio.file..", "java.net..", "java.time..")
        .because("applying a command depends on the command and the state alone (S10)")
        .check(core);
  }

  @Test
  void theStateMachineDoesNotKnowTheLessor() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.leasehold.core.state..",
            "io.leasehold.core.command..",
            "io.leasehold.core.lease..",
            "io.leasehold.core.log..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.leasehold.core.lessor..")
        .because("followers and recovery apply without a lessor")
        .check(core);
  }
}
