package org.secateur.harness.cli;

import java.util.concurrent.Callable;
import org.secateur.results.core.SecateurException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The tables of what workloads cost. */
@Command(
        name = "table",
        description = "Show, check, export or import tables of measured costs.",
        footer = {
            "",
            "Examples:",
            "  secateur table show",
            "  secateur table check",
            "  secateur table export --format csv --out costs.csv",
            "  secateur table import costs.json"
        })
final class TableCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("UnusedVariable") // every command takes these options, even to say that it cannot work
    private final CommonOptions common = new CommonOptions();

    private TableCommand() {}

    /** The command with its own commands. */
    static CommandLine line(Session session) {
        return new CommandLine(new TableCommand())
                .addSubcommand(new TableShowCommand(session))
                .addSubcommand(new TableCheckCommand(session))
                .addSubcommand(new TableExportCommand(session))
                .addSubcommand(new TableImportCommand(session));
    }

    @Override
    public Integer call() {
        throw SecateurException.badInput(
                "nothing is to be done with the tables", "secateur table", "say show, check, export or import");
    }
}
