import ts from 'typescript'

export interface Export {
  name: string
  typeOnly: boolean
}

/** The names that each of the files exports, types included, sorted. */
export function exportsOf(sources: readonly string[]): Map<string, Export[]> {
  const program = ts.createProgram(sources, {
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    noEmit: true,
    // Names need no standard library, and reading it would take most of the time.
    noLib: true,
    types: [],
  })
  const checker = program.getTypeChecker()
  return new Map(sources.map((source) => [source, namesIn(program, checker, source)]))
}

function namesIn(program: ts.Program, checker: ts.TypeChecker, source: string): Export[] {
  const file = program.getSourceFile(source)
  const symbol = file && checker.getSymbolAtLocation(file)
  if (!symbol) return []
  return checker
    .getExportsOfModule(symbol)
    .map((exported) => ({ name: exported.name, typeOnly: isTypeOnly(checker, exported) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function isTypeOnly(checker: ts.TypeChecker, symbol: ts.Symbol): boolean {
  const alias = (symbol.flags & ts.SymbolFlags.Alias) !== 0
  const target = alias ? checker.getAliasedSymbol(symbol) : symbol
  return (target.flags & ts.SymbolFlags.Value) === 0
}
