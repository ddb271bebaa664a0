package io.leasehold.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

final class LayersTest {
  private final JavaClasses product =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.leasehold.cli");

  @Test
  void grammarLocksAndClocksKnowTheJdkAlone() {
    classes()
        .that()
        .resideInAnyPackage(
            "io.leasehold.cli.flag..", "io.leasehold.cli.lock..", "io.leasehold.cli.time..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "io.leasehold.cli.flag..",
            "io.leasehold.cli.lock..",
            "io.leasehold.cli.time..",
            "java..",
            "org.jspecify..")
        .because("a guard, a flag and a clock are the same whatever the cluster is")
        .check(product);
  }

  @Test
  void whatIsPrintedKnowsNeitherCommandsNorTheNetwork() {
    noClasses()
        .that()
        .resideInAPackage("io.leasehold.cli.output..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.leasehold.cli.command..", "io.leasehold.cli.wire..", "io.grpc..")
        .because("a format is a function from answers to text")
        .check(product);
  }

  @Test
  void theWireKnowsNoCommand() {
    noClasses()
        .that()
        .resideInAPackage("io.leasehold.cli.wire..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.leasehold.cli.command..", "io.leasehold.cli.output..")
        .because("commands stand on requests, not the other way round")
        .check(product);
  }

  @Test
  void theClientIsUsedThroughWhatUsersSee() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.leasehold.client.internal..")
        .because("in its jar nothing else can be named")
        .check(product);
  }
}
