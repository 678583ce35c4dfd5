package org.secateur.harness.cli;

import java.lang.management.ManagementFactory;
import picocli.CommandLine;
import picocli.CommandLine.HelpCommand;

/** The list of commands. A new command is one class and one line here. */
final class Commands {
    private Commands() {}

    /** Registers every command. */
    static void addTo(CommandLine line, Session session) {
        line.addSubcommand(new RunCommand(session));
        line.addSubcommand(new PruneCommand(session));
        line.addSubcommand(new TrainCommand(session));
        line.addSubcommand(new DoctorCommand(session, Machine.here()));
        line.addSubcommand(new NetworkCommand(session));
        line.addSubcommand(new ProfileCommand(session));
        line.addSubcommand(new PredictCommand(session));
        line.addSubcommand(new CompareCommand(session));
        line.addSubcommand(new HistoryCommand(session));
        line.addSubcommand(new BundleCommand(session));
        line.addSubcommand(new GpuCheckCommand(session, Commands::upSeconds));
        line.addSubcommand(TableCommand.line(session));
        line.addSubcommand(new ReportCommand(session));
        line.addSubcommand(BenchCommand.line(session));
        line.addSubcommand(new HelpCommand());
    }

    /** For how long this program runs. */
    private static double upSeconds() {
        return ManagementFactory.getRuntimeMXBean().getUptime() / 1e3;
    }
}
