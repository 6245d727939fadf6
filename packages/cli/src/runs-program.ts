/** Whether a command, by its full name, would run a program in a container: as Docker's, it then says with 125 that it was not the program that failed. */
export const runsProgram = (command: string): boolean => /^(container )?(run|create|explain|compare)$/.test(command)
