package org.secateur.harness.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: which commands there are, and how a failure becomes one sentence and an exit code. */
@Command(name = "secateur", mixinStandardHelpOptions = true, versionProvider = CommandLineInterface.VersionText.class)
final class CommandLineInterface implements Runnable {
    /** What is printed without a command, in 15 lines. */
    static final String HELP = """
            Secateur measures what each layer of a convolutional network costs on this machine
            and prunes the network while it trains, by those measurements.

            Usage: secateur COMMAND [OPTIONS]     (secateur COMMAND --help tells the options)
              run       profile, train and prune by cost, measure again, report
              doctor    what can be measured here         bench     JMH benchmarks
              network   layers, shapes, counts, groups    profile   measure into a table
              predict   cost from a table                 compare   two things, with a verdict
              train, prune   dense, or under a budget     history   where results changed
              table     show, check, export, import       report    a run as HTML
              bundle, gpu-check   for other machines      java FILE.java   a network of your own
            Examples:
              secateur run --quick
              secateur run --network resnet20 --data cifar10:DIR --epochs 30 --budget train-step=0.6
            --json gives every command's result as JSON; --version names this version.
            """;

    /** Wide enough for most descriptions on one line, narrow enough for two windows side by side. */
    private static final int HELP_COLUMNS = 100;

    private final Console console;

    private CommandLineInterface(Console console) {
        this.console = console;
    }

    @Override
    public void run() {
        console.result(HELP);
    }

    /** Runs one command and returns the exit code. Nothing is thrown, and nothing is printed elsewhere. */
    @SuppressWarnings("CatchAndPrintStackTrace") // the trace is part of what the user is told
    static int run(Session session, String... args) {
        Console console = session.console();
        boolean json = Arrays.asList(args).contains("--json");
        try {
            CommandLine line = line(session);
            line.setParameterExceptionHandler((e, given) -> fail(console, json, wrongArguments(e)));
            line.setExecutionExceptionHandler((e, command, result) -> {
                String name = command.getCommandSpec().qualifiedName();
                return fail(console, json, failure(e, name));
            });
            return line.execute(args);
        } catch (Throwable e) { // an Error, which picocli lets pass
            return fail(console, json, failure(e, "secateur"));
        }
    }

    /** The whole command line, ready to parse. */
    static CommandLine line(Session session) {
        CommandLine line = new CommandLine(new CommandLineInterface(session.console()));
        line.getHelpSectionMap().put("everything", help -> HELP);
        line.setHelpSectionKeys(List.of("everything"));
        Commands.addTo(line, session);
        line.setOut(session.console().out());
        line.setErr(session.console().err());
        line.setUsageHelpWidth(HELP_COLUMNS);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        return line;
    }

    private static SecateurException wrongArguments(ParameterException e) {
        CommandLine at = e.getCommandLine();
        String command = at.getCommandSpec().qualifiedName();
        if (e.getCause() instanceof SecateurException known) {
            return known;
        }
        if (e instanceof UnmatchedArgumentException unmatched
                && !at.getSubcommands().isEmpty()
                && !unmatched.getUnmatched().get(0).startsWith("-")) {
            String known =
                    "the commands are " + String.join(", ", at.getSubcommands().keySet());
            List<String> nearest = unmatched.getSuggestions();
            return SecateurException.badInput(
                    "unknown command " + unmatched.getUnmatched().get(0),
                    command,
                    nearest.isEmpty() ? known : "did you mean " + nearest.get(0) + "? " + known);
        }
        StringWriter suggestions = new StringWriter();
        UnmatchedArgumentException.printSuggestions(e, new PrintWriter(suggestions, true));
        String what = oneLine(String.valueOf(e.getMessage()));
        String nearest = oneLine(suggestions.toString());
        return SecateurException.badInput(
                what.endsWith(".") ? what.substring(0, what.length() - 1) : what,
                command,
                (nearest.isEmpty() ? "" : nearest + " ") + "see " + command + " --help");
    }

    private static String oneLine(String text) {
        return text.strip().replaceAll("\\s+", " ");
    }

    private static SecateurException failure(Throwable e, String command) {
        return switch (e) {
            case SecateurException known -> known;
            case IllegalArgumentException wrong ->
                new SecateurException(
                        ExitCode.BAD_INPUT,
                        String.valueOf(wrong.getMessage()),
                        command,
                        "see " + command + " --help",
                        wrong);
            case OutOfMemoryError memory ->
                new SecateurException(
                        ExitCode.FAILED,
                        "out of memory: " + memory.getMessage(),
                        command,
                        "use a smaller batch or network, or free memory",
                        memory);
            default ->
                new SecateurException(
                        ExitCode.FAILED, "the work failed: " + e, command, "please report this with its trace", e);
        };
    }

    private static int fail(Console console, boolean json, SecateurException failure) {
        console.note("secateur: " + failure.what() + " (" + failure.on() + "): " + failure.fix());
        Throwable cause = failure.getCause();
        if (failure.exit() == ExitCode.FAILED && cause != null) {
            cause.printStackTrace(console.err());
        }
        if (json) {
            console.result(Json.write(Json.error(failure)));
        }
        return failure.exit().code();
    }

    /** What {@code --version} prints. */
    static final class VersionText implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"secateur " + Version.version() + " (" + Version.commit() + ")"};
        }
    }
}
