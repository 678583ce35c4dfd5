package org.secateur.harness.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.PackageMatcher;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The house's rules, over every class of every module. */
final class ArchitectureTest {
    private static final List<String> MODULES = List.of(
            "results.core",
            "results.store",
            "results.report",
            "profilers.core",
            "profilers.libtorch",
            "profilers.cuda",
            "profilers.jmh",
            "models.core",
            "models.libtorch",
            "models.cuda",
            "models.onnx",
            "harness.loop",
            "harness.benchmarks",
            "harness.cli");

    /** Vendor packages and the modules that may see them. */
    private static final Map<String, List<String>> CONFINED = Map.of(
            "org.bytedeco..", List.of("profilers.libtorch", "models.libtorch"),
            "jcuda..", List.of("profilers.cuda"),
            "java.awt..", List.of("models.core"),
            "oshi..", List.of("profilers.core"),
            "com.sun.jna..", List.of("profilers.core"),
            "org.sqlite..", List.of("results.store"),
            "java.sql..", List.of("results.store"),
            "picocli..", List.of("harness.cli"),
            "org.openjdk.jmh..", List.of("profilers.jmh", "harness.benchmarks"),
            "com.fasterxml.jackson..",
                    List.of("results.store", "results.report", "models.libtorch", "harness.loop", "harness.cli"));

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.secateur");

    @Test
    void everyModuleIsScanned() {
        for (String module : MODULES) {
            assertThat(CLASSES.stream().filter(in(module))).as(module).isNotEmpty();
        }
    }

    @Test
    void foldersLookOnlyDown() {
        Architectures.layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("harness")
                .definedBy("org.secateur.harness..")
                .layer("models")
                .definedBy("org.secateur.models..")
                .layer("profilers")
                .definedBy("org.secateur.profilers..")
                .layer("results")
                .definedBy("org.secateur.results..")
                .whereLayer("harness")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("models")
                .mayOnlyBeAccessedByLayers("harness")
                .whereLayer("profilers")
                .mayOnlyBeAccessedByLayers("harness", "models")
                .check(CLASSES);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.secateur.(**)").should().beFreeOfCycles().check(CLASSES);
    }

    @TestFactory
    Stream<DynamicTest> vendorTypesStayInTheirModules() {
        return CONFINED.entrySet().stream()
                .map(e -> DynamicTest.dynamicTest(e.getKey(), () -> confined(e.getKey(), e.getValue())));
    }

    private void confined(String vendor, List<String> modules) {
        DescribedPredicate<JavaClass> outside = new DescribedPredicate<>("classes outside " + modules) {
            @Override
            public boolean test(JavaClass type) {
                return modules.stream().noneMatch(module -> in(module).test(type));
            }
        };
        assertThat(CLASSES.stream()
                        .filter(type -> type.getDirectDependenciesFromSelf().stream()
                                .anyMatch(d -> PackageMatcher.of(vendor)
                                        .matches(d.getTargetClass().getPackageName()))))
                .as("classes that use " + vendor)
                .isNotEmpty();
        ArchRule rule = noClasses().that(outside).should().dependOnClassesThat().resideInAPackage(vendor);
        rule.check(CLASSES);
    }

    @Test
    void onlyTheCommandLinePrints() {
        assertThat(CLASSES.get(Main.class).getFieldAccessesFromSelf())
                .anyMatch(access -> access.getTargetOwner().isEquivalentTo(System.class));
        noClasses()
                .that()
                .resideOutsideOfPackage("org.secateur.harness.cli")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(Throwable.class, "printStackTrace")
                .check(CLASSES);
    }

    /** Such a map's entries come in another order in every process, and with them a report's or document's bytes. */
    @Test
    void whatIsWrittenKeepsItsOrder() {
        DescribedPredicate<JavaCall<?>> unordered = DescribedPredicate.describe(
                "makes a map of several entries without an order",
                call -> call.getTargetOwner().isEquivalentTo(Map.class)
                        && (call.getName().equals("ofEntries")
                                || call.getName().equals("copyOf")
                                || (call.getName().equals("of")
                                        && call.getTarget()
                                                        .getRawParameterTypes()
                                                        .size()
                                                > 2)));
        assertThat(CLASSES.stream()
                        .flatMap(type -> type.getMethodCallsFromSelf().stream())
                        .filter(unordered))
                .isNotEmpty();
        noClasses()
                .that()
                .resideInAnyPackage(
                        "org.secateur.results.report..", "org.secateur.results.store..", "org.secateur.harness.cli..")
                .should()
                .callCodeUnitWhere(unordered)
                .check(CLASSES);
    }

    /** Any JMH user may take them: nothing of this project stands behind them but the probes. */
    @Test
    void theJmhProfilersLookOnlyAtTheProbes() {
        noClasses()
                .that()
                .resideInAPackage("org.secateur.profilers.jmh..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.secateur.harness..",
                        "org.secateur.models..",
                        "org.secateur.profilers.libtorch..",
                        "org.secateur.results.store..",
                        "org.secateur.results.report..")
                .check(CLASSES);
    }

    /** The benchmarks themselves; running them takes no annotation. */
    @Test
    void onlyTheBenchmarksHaveJmhsAnnotations() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.secateur.harness.benchmarks..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.openjdk.jmh.annotations..")
                .check(CLASSES);
    }

    @Test
    void modelsAreIndependentOfHowTheyAreTrained() {
        noClasses()
                .that()
                .resideInAPackage("org.secateur.models.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.secateur.profilers..", "org.secateur.models.libtorch..", "org.secateur.models.cuda..")
                .check(CLASSES);
    }

    private static Predicate<JavaClass> in(String module) {
        String root = "org.secateur." + module;
        return type ->
                type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
    }
}
